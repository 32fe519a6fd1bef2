"""The green channel: requests for help, and the directory of those who can help (绿色通道、资源名录)."""
