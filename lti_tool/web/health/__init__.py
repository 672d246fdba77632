"""Is it alive, is it ready, how does it do: for load balancers and Prometheus."""
