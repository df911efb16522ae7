import type { Reporter } from './checks.ts'
import type { Values } from './keys.ts'

/** The values as Apache corrects them where they make no sense: with a warning, not a refusal. */
export function adjust(values: Values, report: Reporter): Values {
  const adjusted = (key: keyof Values, value: number, valid: boolean, instead: number): number => {
    if (!valid) report.notice('warning', key, `${value} makes no sense here; ${instead} counts instead`)
    return valid ? value : instead
  }
  const { snapCount, commitLogCount, snapshotSizeFactor } = values
  const snapRetainCount = values['autopurge.snapRetainCount']
  return {
    ...values,
    snapCount: adjusted('snapCount', snapCount, snapCount >= 2, 2),
    'autopurge.snapRetainCount': adjusted('autopurge.snapRetainCount', snapRetainCount, snapRetainCount >= 3, 3),
    commitLogCount: adjusted('commitLogCount', commitLogCount, commitLogCount >= 500, 500),
    snapshotSizeFactor: adjusted('snapshotSizeFactor', snapshotSizeFactor, snapshotSizeFactor <= 1, 0.33),
  }
}
