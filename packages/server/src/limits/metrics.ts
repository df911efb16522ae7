/** The metrics that limits move. */
export type LimitMetric =
  | 'connection_token_deficit'
  | 'connection_rejected'
  | 'throttled_ops'
  | 'stale_requests'
  | 'stale_requests_dropped'
  | 'request_throttle_queue_time_ms'
  | 'request_throttle_wait_count'
  | 'large_requests_rejected'

/** Adds to a counter, or a value to a summary. */
export type CountLimit = (metric: LimitMetric, amount: number) => void
