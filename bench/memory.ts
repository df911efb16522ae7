import { readdir, readFile } from 'node:fs/promises'

/** Resident memory in bytes: now, and the highest there was. */
export interface Memory {
  readonly now: number
  readonly peak: number
}

/** The memory of a process and of the processes it started, summed, from /proc. */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
  const own = { now: kibibytes(status, 'VmRSS') * 1024, peak: kibibytes(status, 'VmHWM') * 1024 }
  const children = await Promise.all((await childrenOf(pid)).map(memoryOf))
  return children.reduce((sum, child) => ({ now: sum.now + child.now, peak: sum.peak + child.peak }), own)
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${String(pid)}/task`)
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${String(pid)}/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  return lists.flatMap((list) => list.split(' ').filter((id) => id !== '')).map(Number)
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0)
}
