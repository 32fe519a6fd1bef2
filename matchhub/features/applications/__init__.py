"""Applications (申报): written and submitted by organisations, checked for eligibility by the section."""
