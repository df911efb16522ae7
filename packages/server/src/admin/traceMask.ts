/**
 * The trace mask that `gtmk` and `stmk` show and set. Apache's server chooses trace lines by it; here levels of the log
 * do that, and the mask is only kept.
 */
export class TraceMask {
  value = DEFAULT
}

/** Client requests, warnings, session events and server packets, in Apache's bits. */
const DEFAULT = 306n
