/** Says in the log when what is below a quota has grown beyond it, and when it is within it again: one line each time. */
import type { QuotaLimits, QuotaUse } from '@meerkat/engine'
import type { Logger } from './logging/logger.ts'

interface QuotaStatus {
  readonly path: string
  readonly limits: QuotaLimits
  readonly use: QuotaUse
}

export class QuotaWatch {
  private readonly log: Logger
  private exceeded = new Set<string>()

  constructor(log: Logger) {
    this.log = log
  }

  /** To be called now and then with every quota. Only `enforceQuota` keeps anybody from exceeding one. */
  look(quotas: Iterable<QuotaStatus>): void {
    const exceeded = new Set<string>()
    for (const { path, limits, use } of quotas) {
      if (!isBeyond(limits, use)) continue
      exceeded.add(path)
      if (this.exceeded.has(path)) continue
      const { count, bytes } = use
      this.log.warn('a quota is exceeded', { path, count, bytes, countLimit: limits.count, bytesLimit: limits.bytes })
    }
    for (const path of this.exceeded) {
      if (!exceeded.has(path)) this.log.info('a quota is no longer exceeded', { path })
    }
    this.exceeded = exceeded
  }
}

function isBeyond(limits: QuotaLimits, use: QuotaUse): boolean {
  return (limits.count > -1 && use.count > limits.count) || (limits.bytes > -1 && use.bytes > limits.bytes)
}
