import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A stretch of time in milliseconds of CLOCK_MONOTONIC, which zkprobe stamps its samples with too. */
export interface Span {
  readonly from: number
  readonly to: number
}

const LOOK_EVERY_MS = 5
/** A server that has not written for so long has finished its snapshot. */
const FINISHED_AFTER_MS = 1000
const GIVE_UP_AFTER_MS = 300_000

/**
 * Waits for the next snapshot in a version-2 directory to be taken whole: from the look before its file appeared, under
 * whatever name while it is written, to the last growth or renaming.
 */
export async function nextSnapshot(directory: string): Promise<Span> {
  const older = new Set(await readdir(directory))
  const began = monotonicMs()
  let looked = began
  let from: number | undefined
  let changed = { at: began, to: '' }
  for (;;) {
    const files = await sizesOf(directory, older)
    const now = monotonicMs()
    const state = JSON.stringify(files)
    if (files.length > 0) from ??= looked
    if (state !== changed.to) changed = { at: now, to: state }
    const complete = files.some(([name]) => /^snapshot\.[0-9a-f]+(\.gz|\.snappy)?$/.test(name))
    if (from !== undefined && complete && now - changed.at > FINISHED_AFTER_MS) return { from, to: changed.at }
    if (now - began > GIVE_UP_AFTER_MS) throw new Error(`no snapshot was taken in ${directory}`)
    looked = now
    await sleep(LOOK_EVERY_MS)
  }
}

async function sizesOf(directory: string, older: ReadonlySet<string>): Promise<[string, number][]> {
  const names = (await readdir(directory)).filter((name) => name.includes('snap') && !older.has(name))
  // A temporary file may be renamed between the two calls; the next look finds it.
  const size = (name: string): Promise<number> =>
    stat(join(directory, name)).then(
      (found) => found.size,
      () => 0,
    )
  return Promise.all(names.map(async (name): Promise<[string, number]> => [name, await size(name)]))
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
