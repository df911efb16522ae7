/** The longer answers of four-letter words. */
import { toHex } from '@meerkat/protocol'
import { javaDouble } from '../metrics/javaDouble.ts'
import type { ServerStatus } from '../status.ts'
import { connectionLine } from './connections.ts'

/** `srvr`, and `stat`, which has the connections too. */
export function statisticsText(status: ServerStatus, clients: readonly string[]): string {
  const { statistics } = status
  const { latency } = statistics
  const sizes = status.ensemble?.proposalSizes()
  return lines([
    `Zookeeper version: ${status.version}`,
    ...(status.mode() === 'read-only' ? ['READ-ONLY mode; serving only read-only clients'] : []),
    ...clients,
    `Latency min/avg/max: ${whole(latency.min)}/${javaDouble(latency.average)}/${whole(latency.max)}`,
    `Received: ${statistics.received}`,
    `Sent: ${statistics.sent}`,
    `Connections: ${status.counts().connections}`,
    `Outstanding: ${status.outstandingRequests()}`,
    `Zxid: 0x${toHex(status.lastZxid())}`,
    `Mode: ${status.mode()}`,
    `Node count: ${status.counts().znodes}`,
    ...(sizes === undefined ? [] : [`Proposal sizes last/min/max: ${sizes.last}/${sizes.min}/${sizes.max}`]),
  ])
}

/** The part of `stat` about clients, the connection that asks among them. */
export function clientLines(status: ServerStatus, secure: boolean): string[] {
  return ['Clients:', ...connectionLines(status, { secure, brief: true }), '']
}

export function connectionsText(status: ServerStatus, secure: boolean): string {
  return lines([...connectionLines(status, { secure, brief: false }), ''])
}

function connectionLines(status: ServerStatus, { secure, brief }: { secure: boolean; brief: boolean }): string[] {
  return status
    .connections()
    .filter((connection) => connection.secure === secure)
    .map((connection) => connectionLine(connection, brief))
}

export function configurationText(status: ServerStatus): string {
  const { configuration: conf } = status
  const sizes = status.directorySizes()
  const ownLines = lines([
    `clientPort=${conf.clientPort}`,
    `secureClientPort=${conf.secureClientPort}`,
    `dataDir=${conf.dataDir}`,
    `dataDirSize=${sizes.dataBytes}`,
    `dataLogDir=${conf.dataLogDir}`,
    `dataLogSize=${sizes.logBytes}`,
    `tickTime=${conf.tickTimeMs}`,
    `maxClientCnxns=${conf.maxClientConnections}`,
    `minSessionTimeout=${conf.minSessionTimeoutMs}`,
    `maxSessionTimeout=${conf.maxSessionTimeoutMs}`,
    `clientPortListenBacklog=${conf.listenBacklog}`,
    `serverId=${conf.serverId}`,
  ])
  return ownLines + (status.ensemble?.configurationLines() ?? '')
}

export function watchesBySessionText(status: ServerStatus): string {
  const entries = [...status.watchesBySession()]
  return lines([...entries.flatMap(([id, paths]) => [`0x${toHex(id)}`, ...paths.map((path) => `\t${path}`)]), ''])
}

export function watchesByPathText(status: ServerStatus): string {
  const entries = [...status.watchesByPath()]
  return lines([...entries.flatMap(([path, ids]) => [path, ...ids.map((id) => `\t0x${toHex(id)}`)]), ''])
}

export function lines(each: readonly string[]): string {
  return each.map((line) => `${line}\n`).join('')
}

function whole(milliseconds: number): number {
  return Math.trunc(milliseconds)
}
