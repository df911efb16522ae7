/**
 * Notices that files changed, by looking at them now and then. Looking works where notifications do not: on network file
 * systems, and where Kubernetes renews a mounted secret by switching a symbolic link.
 */
import { unwatchFile, watchFile } from 'node:fs'

export interface WatchOptions {
  readonly files: readonly string[]
  /** Called after any of them changed; never twice at a time, and once more if a change came meanwhile. Must not reject. */
  readonly onChange: () => Promise<void>
  /** 2000 by default. */
  readonly intervalMs?: number
}

export interface FileWatch {
  close(): void
}

export function watchFiles({ files, onChange, intervalMs = 2000 }: WatchOptions): FileWatch {
  let state: 'idle' | 'running' | 'changedMeanwhile' | 'closed' = 'idle'

  const run = async (): Promise<void> => {
    do {
      state = 'running'
      await onChange()
    } while (nowIs('changedMeanwhile'))
    if (nowIs('running')) state = 'idle'
  }
  /** A function, since the state changes while `run` waits. */
  const nowIs = (wanted: typeof state): boolean => state === wanted
  const changed = (): void => {
    if (state === 'idle') void run()
    else if (state === 'running') state = 'changedMeanwhile'
  }

  const unique = [...new Set(files)]
  for (const file of unique) watchFile(file, { interval: intervalMs, persistent: false }, changed)
  return {
    close() {
      state = 'closed'
      for (const file of unique) unwatchFile(file, changed)
    },
  }
}
