"""WeChat's side: the calls a service account makes, each with WeChat's own checks, limits and error codes."""
