/** What ZooKeeper promises, each in the words that a violation is reported with. */
export const GUARANTEES = {
  'well formed': 'What a server sends is what the protocol says.',
  'session order': 'Requests of a session are answered in the order in which they were sent.',
  durability: 'A write that was answered is in the log, with the zxid of its reply, whatever crashed since.',
  'only what is durable': 'Nothing is shown that a crash can take back.',
  atomicity: 'A write, and a multi with all its parts, happens whole or not at all, and its reply says what happened.',
  'once only': 'A request makes one transaction at most.',
  'asked for':
    'Nothing is written but what a client asked for, and what sessions, containers and times to live demand.',
  'real time': 'A write that returned before another began has the smaller zxid.',
  'monotonic reads': 'A session never sees time go back, also after it moved to another connection.',
  'reads are of one state': 'A read shows the tree as it was right after the transaction that its reply names.',
  sync: 'After a sync, a read sees everything that was complete when the sync began.',
  'watch events':
    'A watch fires once for the change it was set for, and not for others; events come in the order of the changes.',
  'events before data': 'A client is told of a change before it sees the data that changed.',
  permissions: 'Everybody may do and see what the ACL of a znode lets them, and nothing else.',
  quotas: 'A hard quota refuses what would pass it, and nothing else.',
  'ephemerals and sessions': 'An ephemeral znode lives exactly as long as its session.',
  'session timeout': 'A session lives for its timeout after the server last heard of it.',
  digest: 'The digest in the log is the digest of the tree after the transaction.',
  'log order': 'The log holds transactions in the order of their zxids, without a gap.',
  progress: 'Once faults are over, the server serves.',
} as const

export type Guarantee = keyof typeof GUARANTEES

export interface Violation {
  readonly guarantee: Guarantee
  readonly text: string
}

export function describeViolation({ guarantee, text }: Violation): string {
  return `${GUARANTEES[guarantee]} Broken: ${text}`
}
