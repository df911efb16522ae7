/** What becomes of a request of any kind that waited for too long to be begun (server.RequestThrottler). */
import { ErrorCode } from '@meerkat/protocol'
import type { ReadOperation } from './operation.ts'

/** Stands for the request's own number; on the wire there is no such number. */
export const THROTTLED = 2 ** 32

export const throttled: ReadOperation = { kind: 'read', read: () => ErrorCode.THROTTLEDOP }
