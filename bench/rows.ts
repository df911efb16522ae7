/** Which piece of measuring code fills a row. */
export type CaseName = 'throughput' | 'start' | 'million' | 'watchers'

/** What is asked of Meerkat's value, alone or as a multiple of Apache's; all parts that are given must hold. */
export interface Bound {
  readonly ratioAtLeast?: number
  readonly ratioAtMost?: number
  readonly valueAtMost?: number
}

/** One line of the report. Without a bound it is there to be read only. */
export interface Row {
  readonly id: string
  readonly case: CaseName
  readonly title: string
  readonly unit: 'ops/s' | 'MB' | 'ms'
  readonly bound?: Bound
  /** How it is measured, where the title leaves that open. */
  readonly how?: string
}

const throughput = (id: string, title: string, ratioAtLeast: number): Row => ({
  id,
  case: 'throughput',
  title,
  unit: 'ops/s',
  bound: { ratioAtLeast },
})

export const ROWS: readonly Row[] = [
  throughput('get64', 'get, 64 outstanding a connection', 7),
  throughput('get1', 'get, one outstanding', 2),
  throughput('set64', 'set, 64 outstanding', 3.5),
  throughput('set1', 'set, one outstanding', 1.1),
  throughput('mixed64', 'nine gets to one set, 64 outstanding', 6),
  throughput('create64', 'create, 64 outstanding', 3),
  {
    id: 'memory-million',
    case: 'million',
    title: 'resident memory with a million 128-byte znodes',
    unit: 'MB',
    how: 'VmRSS of the process and its children from /proc, a while after the last of them was created; 1 MB is a million bytes.',
    bound: { ratioAtMost: 0.25 },
  },
  { id: 'memory-million-peak', case: 'million', title: 'its highest while they were created', unit: 'MB' },
  {
    id: 'memory-recovered',
    case: 'million',
    title: 'resident memory with the million recovered from disk',
    unit: 'MB',
  },
  {
    id: 'memory-idle',
    case: 'start',
    title: 'resident memory, idle',
    unit: 'MB',
    how: 'VmRSS a while after a start that recovered an empty tree.',
    bound: { valueAtMost: 80 },
  },
  {
    id: 'start',
    case: 'start',
    title: 'start to first reply',
    unit: 'ms',
    how: 'From just before the process is spawned to the reply to a get, with a new attempt to connect every 1 to 10 ms; median of five starts.',
    bound: { ratioAtMost: 0.3 },
  },
  {
    id: 'recover',
    case: 'million',
    title: 'start with a million znodes to recover',
    unit: 'ms',
    how: 'The same after kill -9 under a million znodes in a snapshot and tens of thousands more in the log; median of three.',
    bound: { ratioAtMost: 0.5 },
  },
  {
    id: 'snapshot-get64',
    case: 'million',
    title: 'p99.9 of reads while a million znodes are snapshotted, 64 outstanding a connection',
    unit: 'ms',
    how: "Reads of random znodes on 8 connections, those alone that were under way between the appearance of the snapshot's file and its completion; a ninth connection writes all the while and triggers the snapshot by snapCount.",
    bound: { valueAtMost: 20, ratioAtMost: 1 },
  },
  {
    id: 'snapshot-get1',
    case: 'million',
    title: 'the same, one outstanding',
    unit: 'ms',
    bound: { valueAtMost: 20, ratioAtMost: 1 },
  },
  {
    id: 'watchers',
    case: 'watchers',
    title: '10,000 watchers of one znode told of a change',
    unit: 'ms',
    how: 'From sending the set to the arrival of the last notification, each watcher on a connection of its own; median of ten changes.',
    bound: { ratioAtMost: 0.5 },
  },
]
