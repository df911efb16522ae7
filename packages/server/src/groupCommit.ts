/**
 * The log of transactions, a group at a time: while one is written and synced, the next gathers. What is durable is
 * committed; what could not be written never happened, and the log is tried again until it can be.
 */
import type { Engine } from '@meerkat/engine'
import type { Clock, LogWriteError, Timer } from '@meerkat/io'
import type { Bytes, Zxid } from '@meerkat/protocol'
import { zxidOf } from '@meerkat/protocol'
import { GroupPatience } from './groupPatience.ts'
import type { FlushTiming } from './limits/flushTiming.ts'

/** What is needed of the log; io's TransactionLog. */
export interface Log {
  append(group: Bytes, first: Zxid): Promise<void>
  recover(): Promise<void>
}

export interface GroupCommitOptions {
  readonly engine: Engine
  readonly log: Log
  readonly clock: Clock
  readonly soon: (callback: () => void) => void
  /** There if groups wait for more transactions. */
  readonly flushTiming: FlushTiming | undefined
  readonly events: GroupCommitEvents
  readonly actions: GroupCommitActions
}

export interface GroupCommitEvents {
  /** A group is durable; between groups, so the log may be rolled before the promise is fulfilled. */
  synced(bytes: number, transactions: number): Promise<void> | undefined
  logFailed(error: LogWriteError | Error): void
  logRecovered(): void
}

/** What the driver does for it. */
export interface GroupCommitActions {
  setClock(): void
  /** Performs the engine's effects. */
  perform(): void
  /** Lets clients go on that had to wait. */
  unthrottle(): void
  /** Calls `pump` after the input that is there now. */
  pumpSoon(): void
}

/** Transactions that are applied before their replies are sent. */
const COMMIT_PART = 64
/** A group of so many transactions shares its sync well enough, and waits for no more. */
const LARGE_GROUP = 64
const RETRY_LOG_MS = 1000

export class GroupCommit {
  private readonly options: GroupCommitOptions
  private readonly patience = new GroupPatience()
  private isWriting = false
  private isStopped = false
  private flushTimer: Timer | undefined
  /** There while groups wait for nothing: called when no transaction is left. */
  private onIdle: (() => void) | undefined

  constructor(options: GroupCommitOptions) {
    this.options = options
  }

  /** Transactions wait, and nothing under way will take them. */
  get isDue(): boolean {
    return !this.isWriting && this.flushTimer === undefined && this.options.engine.transactionsToLog > 0
  }

  /** Writes the next group, if it is time. */
  pump(): void {
    if (this.isWriting) return
    if (this.onIdle === undefined) {
      if (this.waitsForCompany()) return this.options.actions.pumpSoon()
      if (this.options.flushTiming !== undefined && this.waitsForMore(this.options.flushTiming)) return
    }
    const group = this.options.engine.takeLogGroup()
    if (group === undefined) return this.onIdle?.()
    this.isWriting = true
    this.write(group.records.written(), group.first, group.last).catch((error: unknown) => {
      // A fault while replies are made is a fault of this program: better down than wrong.
      this.options.soon(() => {
        throw error
      })
    })
  }

  private waitsForCompany(): boolean {
    const { clock, engine } = this.options
    const gathered = engine.transactionsToLog
    return gathered > 0 && gathered < LARGE_GROUP && this.patience.waits(gathered, clock.monotonicMs())
  }

  /** Whether the group that gathers is to wait; the timer looks again. */
  private waitsForMore(timing: FlushTiming): boolean {
    const { clock, engine } = this.options
    const waitMs = timing.waitMs(engine.transactionsToLog, clock.monotonicMs())
    if (waitMs === 0) return false
    this.flushTimer ??= clock.after(waitMs, () => {
      this.flushTimer = undefined
      this.pump()
    })
    return true
  }

  private async write(records: Bytes, first: Zxid, last: Zxid): Promise<void> {
    const { actions, clock, engine, events, flushTiming, log } = this.options
    const beganMs = clock.monotonicMs()
    try {
      await log.append(records, first)
    } catch (error) {
      return this.failed(error as Error)
    }
    const transactions = last - first + 1
    const tookMs = clock.monotonicMs() - beganMs
    const rolled = events.synced(records.length, transactions)
    if (rolled !== undefined) await rolled
    actions.setClock()
    flushTiming?.flushed(engine.state.elapsedMs)
    this.commit(first, last)
    this.isWriting = false
    actions.perform()
    const gathered = engine.transactionsToLog
    this.patience.synced({ transactions, gathered, tookMs, nowMs: clock.monotonicMs() })
    actions.unthrottle()
    this.pump()
  }

  /** In parts, so that the clients of the first ones go on while the rest is applied. */
  private commit(first: Zxid, last: Zxid): void {
    const { actions, engine } = this.options
    for (let part = first + COMMIT_PART; part < last; part += COMMIT_PART) {
      engine.durable(zxidOf(part))
      actions.perform()
    }
    engine.durable(last)
  }

  /** Nothing of the group happened. */
  private failed(error: Error): void {
    const { actions, clock, engine, events } = this.options
    events.logFailed(error)
    engine.logFailure()
    actions.perform()
    actions.unthrottle()
    clock.after(RETRY_LOG_MS, () => this.recoverLog())
  }

  private recoverLog(): void {
    if (this.isStopped) return
    const { actions, clock, engine, events, log } = this.options
    log.recover().then(
      () => {
        this.isWriting = false
        engine.logRecovered()
        events.logRecovered()
        actions.perform()
      },
      () => clock.after(RETRY_LOG_MS, () => this.recoverLog()),
    )
  }

  /** Writes all that was accepted, without waiting for more; from then until `release` groups wait for nothing. */
  async drain(): Promise<void> {
    if (this.options.engine.isLogFailed) return
    const idle = new Promise<void>((resolve) => {
      this.onIdle = resolve
    })
    this.pump()
    await idle
  }

  /** Goes on after `drain`. */
  release(): void {
    this.onIdle = undefined
  }

  stop(): void {
    this.isStopped = true
    this.flushTimer?.cancel()
  }
}
