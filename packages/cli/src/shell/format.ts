/** How zkCli prints Stats, dates, permissions, events and bytes. */
import type { WatchEvent } from '@meerkat/client'
import { Permission, toHex, type Acl, type Bytes, type Stat } from '@meerkat/protocol'

/** The lines of a Stat (org.apache.zookeeper.cli.StatPrinter). */
export function statLines(stat: Stat): string {
  return [
    `cZxid = 0x${toHex(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = 0x${toHex(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = 0x${toHex(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = 0x${toHex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ].join('\n')
}

/** `Sat Nov 21 07:46:11 UTC 2026`, in the local time zone (java.util.Date.toString). */
export function javaDate(timeMs: number): string {
  const date = new Date(timeMs)
  // "Sat Nov 21 2026 07:46:11 GMT+0000 (...)"
  const [weekday, month, day, year, time] = date.toString().split(' ')
  return `${weekday} ${month} ${day} ${time} ${zoneName(date)} ${year}`
}

/** Each of these knows the abbreviations of other parts of the world; elsewhere they write GMT and an offset. */
const ZONE_LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ']

function zoneName(date: Date): string {
  let name = 'GMT'
  for (const locale of ZONE_LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date)
    name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? name
    if (!/^GMT[+-]/.test(name)) return name
  }
  return name
}

const PERMISSION_LETTERS = [
  ['c', Permission.create],
  ['d', Permission.delete],
  ['r', Permission.read],
  ['w', Permission.write],
  ['a', Permission.admin],
] as const

export function permissionLetters(perms: number): string {
  return PERMISSION_LETTERS.map(([letter, bit]) => ((perms & bit) !== 0 ? letter : '')).join('')
}

/** An entry of an ACL, over two lines: Java's Id ends with a newline. */
export function aclLines({ perms, id }: Acl): string {
  return `'${id.scheme},'${id.id}\n: ${permissionLetters(perms)}`
}

/** What the watcher of zkCli prints of an event about a znode. */
export function watchedEvent({ type, path, zxid }: WatchEvent): string {
  return eventLine('SyncConnected', `${type.charAt(0).toUpperCase()}${type.slice(1)}`, path, zxid)
}

export function stateEvent(state: string): string {
  return eventLine(state, 'None', 'null', -1)
}

function eventLine(state: string, type: string, path: string, zxid: number): string {
  return `WatchedEvent state:${state} type:${type} path:${path} zxid: ${zxid}`
}

/** A table of 16 bytes a row, in hexadecimal and as ASCII, as Netty prints one. */
export function hexDump(bytes: Bytes): string {
  const ruler = ' '.repeat(9) + `+${'-'.repeat(49)}+`
  const edge = `+--------+${'-'.repeat(49)}+${'-'.repeat(16)}+`
  const columns = '0123456789abcdef'.replaceAll(/./g, '  $&')
  const lines = [ruler, `${' '.repeat(9)}|${columns} |`, edge]
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16)
    const hex = [...row].map((byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('')
    const text = [...row].map((byte) => (byte <= 0x1f || byte >= 0x7f ? '.' : String.fromCharCode(byte))).join('')
    lines.push(`|${at.toString(16).padStart(8, '0')}|${hex.padEnd(48)} |${text.padEnd(16)}|`)
  }
  return [...lines, edge].join('\n')
}
