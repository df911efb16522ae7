/** Every four-letter word; docs/reference/four-letter-words.md is generated from this table. */
import { toHex } from '@meerkat/protocol'
import { environment } from '../admin/environment.ts'
import type { TraceMask } from '../admin/traceMask.ts'
import { monitorValues, numberText } from '../metrics/monitorValues.ts'
import { resetMetrics } from '../metrics/metrics.ts'
import type { Metrics, MetricsStyle } from '../metrics/metrics.ts'
import type { ServerStatus } from '../status.ts'
import { dumpText } from './dump.ts'
import {
  clientLines,
  configurationText,
  connectionsText,
  lines,
  statisticsText,
  watchesByPathText,
  watchesBySessionText,
} from './texts.ts'

export interface WordContext {
  readonly status: ServerStatus
  readonly metrics: Metrics
  readonly metricsStyle: MetricsStyle
  readonly traceMask: TraceMask
  /** Whether the question came by the secure port: connections are told of the port that was asked. */
  readonly secure: boolean
  /** The eight bytes after `stmk`. */
  readonly argument?: bigint
}

export interface Word {
  readonly help: string
  /** The answer while the server does not serve; undefined where that makes no difference. */
  readonly notServing: string | undefined
  answer(context: WordContext): string
}

const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests'
const ANYWAY = undefined
const REFUSE = `${NOT_SERVING}\n`

const word = (help: string, notServing: string | undefined, answer: (context: WordContext) => string): Word => ({
  help,
  notServing,
  answer,
})

export const WORDS = {
  conf: word('The configuration, one key a line.', REFUSE, ({ status }) => configurationText(status)),
  cons: word('Every connection of the port, with its session.', REFUSE, ({ status, secure }) =>
    connectionsText(status, secure),
  ),
  crst: word('Resets the statistics of connections.', REFUSE, ({ status }) => {
    status.resetConnectionStatistics()
    return 'Connection stats reset.\n'
  }),
  dirs: word('Sizes of the data directory and the log directory.', REFUSE, ({ status }) => {
    const { dataBytes, logBytes } = status.directorySizes()
    return lines([`datadir_size: ${dataBytes}`, `logdir_size: ${logBytes}`])
  }),
  dump: word('Sessions and connections by expiry, ephemeral znodes by session.', REFUSE, ({ status }) =>
    dumpText(status),
  ),
  envi: word('The process and the machine.', ANYWAY, ({ status }) =>
    lines(['Environment:', ...environment(status.version).map(([key, value]) => `${key}=${value}`)]),
  ),
  gtmk: word('The trace mask, which has no effect here.', ANYWAY, ({ traceMask }) => String(traceMask.value)),
  hash: word('The digests of the tree that were kept, with their zxids.', NOT_SERVING, ({ status }) =>
    lines(status.digestLog().map(({ zxid, digest }) => `${toHex(zxid)}: ${digest}`)),
  ),
  isro: word('Whether the server is read-only: `ro` or `rw`.', 'null', ({ status }) =>
    status.mode() === 'read-only' ? 'ro' : 'rw',
  ),
  mntr: word('Every metric, one a line.', REFUSE, ({ status, metrics, metricsStyle }) => {
    const peerState = status.ensemble?.peerState()
    return lines([
      `zk_version\t${status.version}`,
      `zk_server_state\t${status.mode()}`,
      ...(peerState === undefined ? [] : [`zk_peer_state\t${peerState}`]),
      ...monitorValues(metrics, status, metricsStyle).map(([name, value]) => `zk_${name}\t${numberText(value)}`),
    ])
  }),
  ruok: word('`imok`, as long as the process answers at all.', ANYWAY, () => 'imok'),
  srst: word('Resets the statistics of the server.', REFUSE, ({ metrics, metricsStyle }) => {
    resetMetrics(metrics, metricsStyle)
    return 'Server stats reset.\n'
  }),
  srvr: word('Version, statistics, mode and number of znodes.', REFUSE, ({ status }) => statisticsText(status, [])),
  stat: word('As `srvr`, with a line for each connection of the port.', REFUSE, ({ status, secure }) =>
    statisticsText(status, clientLines(status, secure)),
  ),
  stmk: word('Sets the trace mask to the eight bytes that follow.', ANYWAY, ({ traceMask, argument }) => {
    if (argument !== undefined) traceMask.value = argument
    return String(traceMask.value)
  }),
  wchc: word('Watched paths by session.', REFUSE, ({ status }) => watchesBySessionText(status)),
  wchp: word('Sessions by watched path.', REFUSE, ({ status }) => watchesByPathText(status)),
  wchs: word('How many connections watch how many paths.', REFUSE, ({ status }) => {
    const { connections, paths, watches } = status.watchSummary()
    return lines([`${connections} connections watching ${paths} paths`, `Total watches:${watches}`])
  }),
} as const satisfies Record<string, Word>

export type FourLetterWord = keyof typeof WORDS
