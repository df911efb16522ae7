/**
 * Recovery of the tree from a data directory (server.persistence.FileTxnSnapLog.restore).
 *
 *   1. The directories must hold what belongs there: snapshots in one, logs in the other, if they are two.
 *   2. The newest snapshot that loads wins, of the hundred newest that look whole. If there are some and none loads, or
 *      there is none but a log, the data is not whole: refused.
 *   3. Neither snapshot nor log: an empty snapshot of zxid 0 is written, durably, before anything else happens, so that
 *      rule 2 never meets a log alone.
 *   4. The log's transactions above the snapshot's zxid are replayed in order, over all files. What an interrupted append
 *      left at the end is cut, durably, so that nobody takes it for more than it is later.
 *   5. The end of what was replayed is made durable: a process that was killed may have left it with the operating system
 *      only.
 */
import type { LoggedTxn, SnapshotTail, SnapshotVisitor, Zxid } from '@meerkat/protocol'
import { Input, NO_BYTES, parseLogName, parseSnapshotName, readLoggedTxn, zxidOf } from '@meerkat/protocol'
import { dirname, join } from 'node:path'
import type { Clock } from './clock.ts'
import { readRange, truncateFile, type Disk } from './disk.ts'
import { MAX_APPEND_BYTES, type TornTail } from './logDamage.ts'
import { logFiles, readLog, type LogEnd, type LogEntry } from './logReader.ts'
import { RecoveryError } from './recoveryError.ts'
import {
  looksValid,
  readSnapshot,
  removeUnfinishedSnapshots,
  snapshotFiles,
  writeSnapshot,
  type SnapshotFile,
  type SnapshotSource,
} from './snapshotFiles.ts'

/** What is recovered: the engine's tree and sessions. */
export interface RecoveryTarget {
  /** Called before each attempt: a fresh tree, as a new ensemble has it, and who is told of a snapshot's contents. */
  begin(): SnapshotVisitor
  /** The snapshot is loaded whole, its last zxid is `zxid`. Not called if there was none. */
  loaded(zxid: Zxid, tail: SnapshotTail): void
  /** A transaction above the snapshot's zxid. Its bytes are valid during the call only. */
  replay(txn: LoggedTxn): void
  /** The contents of the fresh tree, for the first snapshot of a new data directory. */
  source(): SnapshotSource
}

export interface RecoveryOptions {
  readonly disk: Disk
  readonly clock: Clock
  /** `<dataDir>/version-2`, made if it is missing. */
  readonly dataDirectory: string
  /** `<dataLogDir>/version-2`, made if it is missing; may be the same. */
  readonly logDirectory: string
  /** `<dataLogDir>/initialize`: allows an empty start where `autocreate` is off; removed when read. */
  readonly initializeFile: string
  readonly target: RecoveryTarget
  /** zookeeper.snapshot.trust.empty. Default false. */
  readonly trustEmpty?: boolean
  /** zookeeper.db.autocreate. Default true. */
  readonly autocreate?: boolean
  readonly maxLength?: number
  /** Told, in a sentence, of what an operator may want to know. */
  readonly onNotice: (notice: string) => void
}

export interface RecoveryReport {
  /** Undefined if there was no snapshot. */
  readonly snapshotZxid: Zxid | undefined
  /** -1 if there was nothing, and an empty start is not allowed: the server may not be elected. */
  readonly lastZxid: Zxid
  readonly txns: number
  readonly milliseconds: number
  readonly snapshotMilliseconds: number
  /** What was cut from the end of the log. */
  readonly cut: TornTail | undefined
}

const MAX_SNAPSHOTS = 100
const NOTHING = zxidOf(-1)
const FIRST_SNAPSHOT = zxidOf(0)

/** Brings `target` to the state on disk. Throws RecoveryError if the data is not whole. */
export async function recover(options: RecoveryOptions): Promise<RecoveryReport> {
  const { clock } = options
  const began = clock.monotonicMs()
  await prepareDirectories(options)
  const snapshotZxid = await loadSnapshot(options)
  const loaded = clock.monotonicMs()
  if (snapshotZxid === undefined && !(await mayStartFromLog(options))) {
    const lastZxid = await startEmpty(options)
    return {
      snapshotZxid: undefined,
      lastZxid,
      txns: 0,
      milliseconds: clock.monotonicMs() - began,
      snapshotMilliseconds: 0,
      cut: undefined,
    }
  }
  const end = await replayLog(options, snapshotZxid ?? FIRST_SNAPSHOT)
  if (end.torn !== undefined) await cut(options, end.torn)
  if (end.end !== undefined) await makeDurable(options.disk, end.end)
  return {
    snapshotZxid,
    lastZxid: end.lastZxid,
    txns: end.records,
    milliseconds: clock.monotonicMs() - began,
    snapshotMilliseconds: loaded - began,
    cut: end.torn,
  }
}

async function prepareDirectories({ disk, dataDirectory, logDirectory }: RecoveryOptions): Promise<void> {
  await disk.makeDirectory(dataDirectory)
  await removeUnfinishedSnapshots(disk, dataDirectory)
  if (dataDirectory === logDirectory) return
  await disk.makeDirectory(logDirectory)
  const log = (await disk.list(dataDirectory)).find((name) => parseLogName(name) !== undefined)
  if (log !== undefined) {
    throw misplaced(join(dataDirectory, log), `a transaction log among the snapshots; dataLogDir says ${logDirectory}`)
  }
  const snapshot = (await disk.list(logDirectory)).find((name) => parseSnapshotName(name) !== undefined)
  if (snapshot !== undefined) {
    throw misplaced(
      join(logDirectory, snapshot),
      `a snapshot among the transaction logs; dataDir says ${dataDirectory}`,
    )
  }
}

function misplaced(file: string, problem: string): RecoveryError {
  return new RecoveryError({
    file,
    problem,
    remedy: 'Correct dataDir and dataLogDir, or, if they were changed on purpose, move the files to where they say.',
  })
}

/** Loads the newest snapshot that can be and returns its zxid, or undefined if there is none. */
async function loadSnapshot(options: RecoveryOptions): Promise<Zxid | undefined> {
  const { disk, dataDirectory, onNotice } = options
  const files = await snapshotFiles(disk, dataDirectory)
  const problems: string[] = []
  let cause: unknown
  for (const file of files.slice(0, MAX_SNAPSHOTS)) {
    try {
      await loadOne(options, file)
      return file.zxid
    } catch (error) {
      cause = error
      problems.push(`${file.name}: ${error instanceof Error ? error.message : String(error)}`)
      onNotice(`cannot load the snapshot ${join(dataDirectory, file.name)}: ${problems.at(-1)}`)
    }
  }
  if (files.length === 0) return undefined
  throw new RecoveryError({
    file: dataDirectory,
    problem: `none of its ${files.length} snapshots can be loaded (${problems.join('; ')})`,
    remedy: RESTORE,
    cause,
  })
}

async function loadOne({ disk, dataDirectory, target, maxLength }: RecoveryOptions, file: SnapshotFile): Promise<void> {
  const path = join(dataDirectory, file.name)
  if (!(await looksValid(disk, path))) throw new Error('it is not whole')
  const limit = maxLength === undefined ? {} : { maxLength }
  const tail = await readSnapshot({ disk, path, visitor: target.begin(), ...limit })
  target.loaded(file.zxid, tail)
}

/** There is no snapshot. Whether the log alone makes the tree: false if there is no log either. */
async function mayStartFromLog({
  disk,
  logDirectory,
  target,
  trustEmpty,
  onNotice,
}: RecoveryOptions): Promise<boolean> {
  const [first] = await logFiles(disk, logDirectory)
  target.begin()
  if (first === undefined) return false
  if (trustEmpty !== true) {
    throw new RecoveryError({
      file: join(logDirectory, first.name),
      problem: 'there is a transaction log but no snapshot, so what came before the log may be missing',
      remedy:
        `${RESTORE} If the log is known to begin with the first transaction (an upgrade from before ZooKeeper 3.5, say), ` +
        'set zookeeper.snapshot.trust.empty=true for one start.',
    })
  }
  onNotice('there is no snapshot; starting from the transaction log alone, as zookeeper.snapshot.trust.empty says')
  return true
}

const RESTORE =
  'In an ensemble, move the directory away and let the server fetch the data from the others; alone, restore a backup.'

async function startEmpty(options: RecoveryOptions): Promise<Zxid> {
  const { disk, dataDirectory, initializeFile, target, autocreate = true, onNotice } = options
  const isInitialized = (await disk.size(initializeFile)) !== undefined
  if (!isInitialized && !autocreate) {
    onNotice(`there is no data, and neither zookeeper.db.autocreate nor ${initializeFile} allows an empty start`)
    return NOTHING
  }
  await writeSnapshot({ disk, directory: dataDirectory, zxid: FIRST_SNAPSHOT, source: target.source() })
  if (isInitialized) await disk.remove(initializeFile)
  return FIRST_SNAPSHOT
}

async function replayLog({ disk, logDirectory, target, onNotice }: RecoveryOptions, after: Zxid): Promise<LogEnd> {
  const input = new Input(NO_BYTES)
  const visit = (entry: LogEntry): void => {
    input.over(entry.bytes, entry.start, entry.end)
    target.replay(decodeTxn(input, entry))
  }
  return readLog({ disk, directory: logDirectory, after, visit, onNotice })
}

function decodeTxn(input: Input, { file, offset }: LogEntry): LoggedTxn {
  try {
    return readLoggedTxn(input)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RecoveryError({
      file,
      offset,
      problem: `the transaction cannot be read: ${reason}`,
      remedy: RESTORE,
      cause,
    })
  }
}

/**
 * What a killed server had handed to the operating system was read like everything else, and may yet be lost with the
 * power: it must be durable before anybody sees it, or anything follows it. A sync is not enough, since the killed one
 * may have met an error of the disk, which is told only once; so it is written again. What was under way is no longer than
 * one append, and at the end of the newest file.
 */
async function makeDurable(disk: Disk, { file: path, offset }: NonNullable<LogEnd['end']>): Promise<void> {
  const start = Math.max(0, offset - MAX_APPEND_BYTES)
  const file = await disk.open(path, 'write')
  try {
    await file.write(await readRange(file, start, offset - start), start)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.syncDirectory(dirname(path))
}

/** Removes an interrupted append, which nobody was told of; a file of which nothing is left goes with it. */
async function cut(
  { disk, logDirectory, onNotice }: RecoveryOptions,
  { file, offset, bytes }: TornTail,
): Promise<void> {
  onNotice(`${file}: cut an interrupted append of ${bytes} bytes at byte ${offset}; it was never acknowledged`)
  if (offset === 0) await disk.remove(file)
  else await truncateFile(disk, file, offset)
  await disk.syncDirectory(logDirectory)
}
