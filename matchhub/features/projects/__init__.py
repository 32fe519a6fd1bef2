"""Projects (项目): agreement, payments, supervisors, activities (台账), monthly reports, and their public pages."""
