/**
 * Notices that files changed, by looking at them now and then. Looking works where notifications do not: on network file
 * systems, and where Kubernetes renews a mounted secret by switching a symbolic link.
 */
import type { BigIntStats } from 'node:fs'
import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'

export interface WatchOptions {
  readonly files: readonly string[]
  /** Called after any of them changed, never twice at a time. Must not reject. */
  readonly onChange: () => Promise<void>
  /** 2000 by default. */
  readonly intervalMs?: number
}

export interface FileWatch {
  close(): void
}

/** What counts as a change is measured against the files as they are during this call: read them afterwards. */
export function watchFiles({ files, onChange, intervalMs = 2000 }: WatchOptions): FileWatch {
  let isClosed = false
  let timer = setTimeout(look, intervalMs).unref()
  let known = files.map((file) => markOf(statSync(file, { bigint: true, throwIfNoEntry: false }))).join()

  async function findChange(): Promise<void> {
    const stats = await Promise.all(files.map((file) => stat(file, { bigint: true }).catch(() => undefined)))
    const current = stats.map(markOf).join()
    if (current === known || isClosed) return
    known = current
    await onChange()
  }

  function look(): void {
    void findChange().finally(() => {
      if (!isClosed) timer = setTimeout(look, intervalMs).unref()
    })
  }

  return {
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

function markOf(stats: BigIntStats | undefined): string {
  return stats === undefined ? 'missing' : [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(' ')
}
