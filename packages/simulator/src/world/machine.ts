/**
 * The machine that a server runs on: it may be killed or lose its power at any moment, stand still for a while, and have
 * its wall clock set. A `Life` is one process on it; when the process is gone, nothing that it asked for ever answers.
 */
import type { Clock } from '@meerkat/io'
import type { VirtualTime } from './virtualTime.ts'

/** The wall clock when virtual time begins. */
const EPOCH_MS = 1_700_000_000_000
/** How long the machine has run by then. */
const UPTIME_MS = 1_000_000

export class Machine {
  readonly time: VirtualTime
  wallOffsetMs = 0
  private pausedUntil = 0

  constructor(time: VirtualTime) {
    this.time = time
  }

  /** Nothing on this machine runs for so long. */
  pause(milliseconds: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.time.now + milliseconds)
  }

  /** Runs once it is time and the machine is awake. */
  after(delayMs: number, run: () => void): () => void {
    let cancel = this.time.after(delayMs, () => {
      const rest = this.pausedUntil - this.time.now
      if (rest <= 0) return run()
      cancel = this.after(rest, run)
    })
    return () => cancel()
  }

  /** Starts a process. */
  begin(): Life {
    return new Life(this)
  }
}

export class Life {
  readonly clock: Clock
  isOver = false
  private readonly machine: Machine

  constructor(machine: Machine) {
    this.machine = machine
    this.clock = {
      wallMs: () => Math.floor(EPOCH_MS + machine.time.now + machine.wallOffsetMs),
      monotonicMs: () => UPTIME_MS + machine.time.now,
      after: (delayMs, callback) => ({ cancel: this.after(delayMs, callback) }),
    }
  }

  after(delayMs: number, run: () => void): () => void {
    return this.machine.after(delayMs, () => {
      if (!this.isOver) run()
    })
  }

  end(): void {
    this.isOver = true
  }
}
