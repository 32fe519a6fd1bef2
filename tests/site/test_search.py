"""The search page works as a plain form: words, facets with counts, chips, spelling, and honest sentences when it cannot."""

from __future__ import annotations

import shutil
from datetime import timedelta
from urllib.parse import unquote

from matchhub.core import clock
from matchhub.domain.models import NeedState, OrganisationState
from tests import factories as make


def test_words_are_found_marked_and_counted(index, client_as):
    index(make.need(title="曹杨一村加装电梯意愿征询"), make.notice(title="停车治理公示"))
    text = client_as(None).get("/search?q=加梯").get_data(as_text=True)
    assert "1 条结果，包含“加梯”" in text
    assert "<mark>加装电梯</mark>" in text
    assert "停车治理公示" not in text


def test_everything_is_listed_without_words(index, page):
    index(make.need(title="垃圾分类入户"), make.notice(title="停车治理公示"))
    text = page("/search")
    assert "垃圾分类入户" in text
    assert "停车治理公示" in text


def test_facets_count_what_each_choice_would_leave(index, page):
    index(make.need(title="停车需求甲"), make.need(title="停车需求乙"), make.notice(title="停车公示"))
    text = page("/search?q=停车")
    assert '需求 <span class="mh-facet__n mh-num">2</span>' in text
    assert '公示公告 <span class="mh-facet__n mh-num">1</span>' in text
    assert "需求：征集中" in text


def test_a_chosen_facet_narrows_is_ticked_and_can_be_dropped(index, page):
    index(make.need(title="停车需求甲"), make.notice(title="停车公示"))
    text = page("/search?q=停车&kind=notice")
    assert "停车需求甲" not in text
    assert 'name="kind" value="notice" checked' in text
    assert 'class="mh-chip" href="/search?q=%E5%81%9C%E8%BD%A6"' in text
    assert "筛选（1）" in text


def test_organisations_and_budgets_are_facets_with_counts(index, page):
    first, second = make.organisation(name="银桥为老服务中心"), make.organisation(name="青藤骨干中心")
    one = make.project(organisation=first, title="助老项目甲", amount_fen=8_000_000)
    two = make.project(organisation=second, title="助老项目乙", amount_fen=25_000_000)
    index(first, second, one, two)
    text = page("/search?q=助老")
    assert '银桥为老服务中心 <span class="mh-facet__n mh-num">1</span>' in text
    assert '5 万元至不足 10 万元 <span class="mh-facet__n mh-num">1</span>' in text
    text = page(f"/search?q=助老&organisation={second.ref}&budget=20-")
    assert "助老项目甲" not in text
    assert "助老项目乙" in text
    assert f'name="organisation" value="{second.ref}" checked' in text
    assert '银桥为老服务中心 <span class="mh-facet__n mh-num">1</span>' not in text  # its project is in another band


def test_a_long_list_of_organisations_says_that_it_is_cut(index, page):
    index(*[make.project(organisation=make.organisation(), title=f"助老项目{n}") for n in range(14)])
    text = page("/search?q=助老")
    assert text.count('name="organisation"') == 12
    assert "这里只列出结果最多的机构" in text


def test_neither_a_hidden_organisation_nor_a_hidden_budget_shows_in_a_facet(index, page, client_as):
    pending = make.organisation(OrganisationState.PENDING, name="未入驻的机构")
    index(pending, make.need(title="助老需求", budget_fen=30_000_000, budget_public=False))
    for address in ("/search", f"/search?organisation={pending.ref}", "/search?budget=20-"):
        text = page(address)
        assert "未入驻的机构" not in text
        assert 'name="organisation"' not in text
    assert page("/search?budget=20-").count("助老需求") == 0
    assert "未入驻的机构" in client_as(make.staff()).get("/search").text
    assert "20 万元及以上" not in client_as(make.staff()).get("/search").text


def test_unknown_conditions_and_orders_are_as_if_they_were_not_there(index, page):
    index(make.need(title="停车需求甲"))
    text = page("/search?q=停车&kind=nonsense&field=1&year=abcd&sort=upwards&page=-1")
    assert "停车需求甲" in text


def test_the_order_is_a_link_that_keeps_the_rest(index, page):
    soon = make.need(title="停车乙", closes_at=clock.now() + timedelta(days=2))
    late = make.need(title="停车甲", closes_at=clock.now() + timedelta(days=9))
    index(soon, late)
    text = page("/search?q=停车&sort=deadline")
    assert text.index(soon.ref) < text.index(late.ref)
    assert '<b aria-current="true">快截止的在前</b>' in text
    assert 'href="/search?q=%E5%81%9C%E8%BD%A6&amp;sort=date"' in text


def test_another_spelling_is_offered_as_a_link(index, page):
    index(make.need(title="加装电梯协商"))
    text = page("/search?q=加庄电梯")
    assert "没有找到" in text
    assert "您要找的是不是：" in text
    assert ">加装电梯</a>" in text


def test_signs_alone_are_named_as_unused(index, page):
    index(make.need())
    assert "这些内容没有用来搜索：" in page("/search?q=停车 ，，！")


def test_nothing_found_says_what_to_try_and_offers_to_drop_the_conditions(index, page):
    index(make.need(title="停车"))
    text = page("/search?q=停车&kind=notice&status=notice.ended")
    assert "没有找到" in text
    assert "去掉筛选再搜" in text


def test_without_an_index_titles_are_searched_and_the_page_says_so(app, page):
    shutil.rmtree(app.config["INSTANCE"] / "index", ignore_errors=True)
    make.need(title="楼道堆物清理")
    text = page("/search?q=堆物")
    assert "暂时只按标题查找" in text
    assert "楼道堆物清理" in text


def test_what_is_not_public_is_found_by_the_street_alone(index, page, client_as):
    index(make.need(NeedState.DRAFT, title="没有发布的需求"))
    assert "没有发布的需求" not in page("/search?q=没有发布")
    staff = client_as(make.staff()).get("/search?q=没有发布").get_data(as_text=True)
    assert "没有发布的需求" in staff.replace("<mark>", "").replace("</mark>", "")


def test_typed_markup_stays_text(index, page):
    index(make.need(title="停车"))
    text = page("/search?q=<script>alert(1)</script>")
    assert "<script>alert" not in text


def test_typed_conditions_become_facets_in_the_address(index, client_as):
    index(make.need(title="停车需求甲"))
    visitor = client_as(None)

    def goes_to(typed):
        answer = visitor.get("/search", query_string={"q": typed, "sort": "date", "page": 2})
        return unquote(answer.location) if answer.status_code == 302 else answer.text

    assert goes_to("状态:征集中 停车 甲") == "/search?q=停车+甲&sort=date&status=need.open"
    assert goes_to("停车 类别：需求、项目") == "/search?q=停车&sort=date&kind=need&kind=project"
    assert "&field=" in goes_to("领域:为老 年度:2026")
    assert "&year=2026" in goes_to("领域:为老 年度:2026")
    assert goes_to("预算:20") == "/search?sort=date&budget=10-20&budget=20-"
    assert "没有“状态:乱写”这个条件" in goes_to("状态:乱写 停车")
    assert "没有“" not in goes_to("时间:8 点 http://example.org")


def test_a_typed_organisation_is_one_that_the_asker_may_know(index, client_as):
    known = make.organisation(name="银桥为老服务中心")
    make.organisation(OrganisationState.PENDING, name="银桥未入驻中心")
    index(known)
    answer = client_as(None).get("/search?q=机构:银桥")
    assert answer.location == f"/search?organisation={known.ref}"


def test_some_of_the_words_are_better_than_nothing_and_it_says_so(index, page):
    index(make.need(title="停车需求甲"), make.need(title="花园共建乙"))
    text = page("/search?q=停车+龙卷风")
    assert "没有同时包含“停车”“龙卷风”的记录，下面是包含其中部分词语的" in text
    assert "没有任何记录包含：“龙卷风”" in text
    assert "停车需求甲" in text
    assert "花园共建乙" not in text


def test_a_near_miss_offers_a_correction_beside_what_was_found(index, page):
    index(make.need(title="停车换届协商"), make.need(title="停车治理"))
    text = page("/search?q=停车+唤届")
    assert "您要找的是不是" in text
    assert "停车 换届" in text
    assert "停车治理" in text


def test_the_end_of_an_overlong_question_is_named(index, page):
    index(make.need(title="停车需求甲"))
    text = page(f"/search?q={'停车 ' * 33}绿化养护")
    assert "这些内容没有用来搜索" in text
    assert "化养护" in text


def test_long_lists_are_paged_and_pages_keep_the_question(index, page):
    index(*(make.need(title=f"停车治理 {n}") for n in range(23)))
    text = page("/search?q=停车")
    assert "23 条结果" in text
    assert 'href="/search?q=%E5%81%9C%E8%BD%A6&amp;page=2"' in text
    assert page("/search?q=停车&page=2").count('class="mh-row__title"') == 3


def test_the_statements_do_not_grow_with_the_results(index, count, client_as):
    visitor = client_as(None)
    index(make.need(title="停车治理"), make.project(title="停车协商"), make.organisation(name="停车互助社"))
    visitor.get("/search?q=停车")
    few = count(lambda: visitor.get("/search?q=停车"))
    index(*(make.need(title=f"停车 {n}") for n in range(6)), *(make.project(title=f"停车 {n}") for n in range(6)))
    assert count(lambda: visitor.get("/search?q=停车")) == few <= 4
