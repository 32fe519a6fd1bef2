"""Templates are compiled once per language, with their sentences in them; nothing else about them changes."""

from flask import render_template_string

from matchhub.core import i18n, templating

SHOWN = '{{ _("首页") }}|{{ _("共 %(n)s 项", n=2) }}|{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}{{ m("<i>") }}{{ m(_("登录")) }}'


def spoken(language, source):
    i18n.speak(language)
    try:
        return render_template_string(source)
    finally:
        i18n.speak(i18n.SOURCE)


def test_each_language_has_its_own_templates(app):
    words = i18n.catalogue("en")
    with app.test_request_context("/"):
        assert spoken("zh", SHOWN).startswith("首页|共 2 项|") and "<b>登录</b>" in spoken("zh", SHOWN)
        assert spoken("en", SHOWN).startswith(words["首页"]) and f"<b>{words['登录']}</b>" in spoken("en", SHOWN)
        assert spoken("zh", SHOWN).startswith("首页")


def test_what_a_template_imports_speaks_its_language(app):
    """The pager comes from a component; the page that imports it decides the language."""
    page = '{% import "components/ui.html" as U %}{{ U.print_button() }}'
    with app.test_request_context("/"):
        assert "打印本页" in spoken("zh", page)
        assert i18n.catalogue("en")["打印本页"] in spoken("en", page)


def test_everything_printed_is_escaped_but_markup(app):
    with app.test_request_context("/"):
        assert render_template_string(
            "{{ a }}{{ b|safe }}{{ c }}{{ none }}{{ missing }}", a="<a>&\"'", b="<b>", c=3
        ) == ("&lt;a&gt;&amp;&#34;&#39;<b>3None")
        assert "&lt;i&gt;" in render_template_string(SHOWN)


def test_new_words_compile_a_template_anew(tmp_path, monkeypatch):
    (tmp_path / "en" / "LC_MESSAGES").mkdir(parents=True)
    words = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    words.write_text('msgid "首页"\nmsgstr "Home"\n')
    before = templating._Compiled(tmp_path, "en").get_source_checksum("x")
    assert templating._Compiled(tmp_path, "en").get_source_checksum("x") == before
    words.write_text('msgid "首页"\nmsgstr "Start"\n')
    assert templating._Compiled(tmp_path, "en").get_source_checksum("x") != before


def test_a_page_in_english_after_one_in_chinese(app):
    client = app.test_client()
    assert "首页" in client.get("/help").text
    client.set_cookie("lang", "en")
    assert 'lang="en"' in client.get("/help").text and i18n.catalogue("en")["首页"] in client.get("/help").text
