"""The local gateway: what API Gateway, EventBridge and CloudFront do for the functions on AWS."""
