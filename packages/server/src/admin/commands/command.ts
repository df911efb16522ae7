import type { Readable } from 'node:stream'
import type { Metrics, MetricsStyle } from '../../metrics/metrics.ts'
import type { Logging } from '../../logging/logging.ts'
import type { ServerStatus } from '../../status.ts'
import type { Json } from '../json.ts'
import type { RateLimiter } from '../rateLimiter.ts'
import type { TraceMask } from '../traceMask.ts'

/** What the commands work on. */
export interface AdminContext {
  readonly status: ServerStatus
  readonly metrics: Metrics
  readonly metricsStyle: MetricsStyle
  readonly traceMask: TraceMask
  readonly logging: Logging
  readonly snapshotEnabled: boolean
  readonly restoreEnabled: boolean
  /** serializeLastProcessedZxid.enabled: without it a snapshot does not say up to which zxid it is whole. */
  readonly serializeLastProcessedZxid: boolean
  readonly limiters: { readonly snapshot: RateLimiter; readonly restore: RateLimiter }
}

export interface CommandRequest {
  readonly query: URLSearchParams
  /** The body, not read yet. */
  readonly body: Readable
}

export type Fields = Readonly<Record<string, Json>>

export interface CommandResult {
  /** What the answer holds before `command` and `error`; an `error` among them takes the place of null. */
  readonly fields?: Fields
  /** 200 unless said otherwise. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A file to send instead of JSON. */
  readonly file?: string
}

type Run = (context: AdminContext, request: CommandRequest) => CommandResult | Promise<CommandResult>

export interface Command {
  readonly aliases: readonly string[]
  readonly help: string
  /** Whether it has an answer only while the server serves. */
  readonly needsServing: boolean
  /** Which methods need every permission on the root znode; Apache's commands have one method each. */
  readonly get?: Run
  readonly post?: Run
  readonly protected: 'no' | 'always' | 'to post'
  /** Apache's server does not have it. */
  readonly own?: true
}

/** A command that reads, and needs a server that serves. */
export function reading(aliases: readonly string[], help: string, fields: (context: AdminContext) => Fields): Command {
  return { aliases, help, needsServing: true, protected: 'no', get: (context) => ({ fields: fields(context) }) }
}

/** A command that also answers while the server does not serve. */
export function always(command: Command): Command {
  return { ...command, needsServing: false }
}
