/**
 * How many sessions may begin or be renewed in a time (server.BlueThrottle): a bucket of tokens that fills up steadily,
 * and, where `freezeTimeMs` is set, a chance to be turned away that grows while the bucket is empty, so that among many
 * clients that try again it is not always the same ones that come too late.
 */
export interface ConnectionThrottleSettings {
  /** What the bucket holds at most and at first. */
  readonly tokens: number
  readonly fillTimeMs: number
  /** Tokens added each `fillTimeMs`. */
  readonly fillCount: number
  /** Least time between two changes of the chance to be turned away; -1 keeps that chance 0. */
  readonly freezeTimeMs: number
  readonly dropIncrease: number
  readonly dropDecrease: number
  /** The chance goes down while no more than this share of the tokens is missing. */
  readonly decreaseRatio: number
}

export class ConnectionThrottle {
  private readonly settings: ConnectionThrottleSettings
  private readonly fraction: () => number
  private tokens: number
  private filledAtMs: number
  private changedAtMs: number
  private chance = 0

  /** `fraction` draws a number of at least 0 and below 1. */
  constructor(settings: ConnectionThrottleSettings, { nowMs, fraction }: { nowMs: number; fraction: () => number }) {
    this.settings = settings
    this.fraction = fraction
    this.tokens = settings.tokens
    this.filledAtMs = nowMs
    this.changedAtMs = nowMs
  }

  /** Tokens that are missing. */
  get deficit(): number {
    return this.settings.tokens - this.tokens
  }

  /** The chance, 0 to 1, that a connection is turned away although there are tokens. */
  get dropProbability(): number {
    return this.chance
  }

  /** Pays for a connection; false if it must be turned away. */
  admits(cost: number, nowMs: number): boolean {
    this.fill(nowMs)
    if (this.settings.freezeTimeMs !== -1) {
      this.changeChance(nowMs)
      if (this.fraction() < this.chance) return false
    }
    if (this.tokens < cost) return false
    this.tokens -= cost
    return true
  }

  private fill(nowMs: number): void {
    const { tokens, fillTimeMs, fillCount } = this.settings
    const elapsedMs = Math.trunc(nowMs - this.filledAtMs)
    if (elapsedMs <= fillTimeMs) return
    this.tokens = Math.min(this.tokens + Math.trunc((elapsedMs * fillCount) / fillTimeMs), tokens)
    this.filledAtMs = nowMs
  }

  private changeChance(nowMs: number): void {
    const { tokens, freezeTimeMs, dropIncrease, dropDecrease, decreaseRatio } = this.settings
    if (nowMs - this.changedAtMs <= freezeTimeMs) return
    this.changedAtMs = nowMs
    if (this.tokens === 0) this.chance = Math.min(this.chance + dropIncrease, 1)
    else if (this.deficit <= Math.round(tokens * decreaseRatio)) this.chance = Math.max(this.chance - dropDecrease, 0)
  }
}
