/** One address of a server: where it follows or leads, and where it elects. */
export interface ServerAddress {
  readonly host: string
  readonly quorumPort: number
  readonly electionPort: number
}

export interface ClientAddress {
  readonly host: string
  readonly port: number
}

export interface Member {
  /** The N of `server.N`. */
  readonly id: number
  readonly addresses: readonly ServerAddress[]
  readonly role: 'participant' | 'observer'
  readonly clientAddress?: ClientAddress
}

/** The servers of an ensemble; groups and weights are there in a hierarchical one only. */
export interface Membership {
  readonly members: readonly Member[]
  readonly groups: ReadonlyMap<number, readonly number[]>
  readonly weights: ReadonlyMap<number, number>
}

/** A line `server.N`, `group.G` or `weight.N`, already taken apart: `{name: 'server.', suffix: '1', value}`. */
export interface MemberLine {
  readonly name: string
  readonly suffix: string
  readonly value: string
}

export type Report<L> = (line: L, problem: string) => void

/**
 * The members that these lines name, in the order of the lines. Lines that are wrong are reported and left out; what is
 * asked of the whole (each voter in one group) is reported at the line concerned.
 */
export function parseMembership<L extends MemberLine>(
  lines: readonly L[],
  { multiAddress }: { multiAddress: boolean },
  report: Report<L>,
): Membership {
  const members = new Map<number, { member: Member; line: L }>()
  const groups = new Map<number, readonly number[]>()
  const weights = new Map<number, number>()
  for (const line of lines) {
    const id = wholeNumber(line.suffix)
    if (id === undefined) {
      report(line, `\`${line.suffix}\` is not a number; write ${line.name} and a whole number`)
    } else if (line.name === 'server.') {
      const member = parseServer(id, line.value, { multiAddress })
      if (typeof member === 'string') report(line, member)
      else members.set(id, { member, line })
    } else if (line.name === 'group.') {
      const ids = line.value.split(':').map((part) => wholeNumber(part.trim()))
      if (ids.every((part) => part !== undefined)) groups.set(id, ids)
      else report(line, 'not a list of servers; write their numbers joined by `:`, such as 1:2:3')
    } else {
      const weight = wholeNumber(line.value)
      if (weight === undefined) report(line, 'not a weight; write a whole number, 0 or more')
      else weights.set(id, weight)
    }
  }
  if (groups.size > 0 || weights.size > 0) checkGroups([...members.values()], groups, report)
  return { members: [...members.values()].map(({ member }) => member), groups, weights }
}

function checkGroups<L>(
  members: readonly { member: Member; line: L }[],
  groups: ReadonlyMap<number, readonly number[]>,
  report: Report<L>,
): void {
  for (const { member, line } of members) {
    const count = [...groups.values()].flat().filter((id) => id === member.id).length
    if (count > 1) report(line, 'this server is in several groups; name it in one `group.G` line only')
    if (count === 0 && member.role === 'participant') {
      report(
        line,
        'this server is in no group; where there are groups or weights, name each server in one `group.G` line',
      )
    }
  }
}

const form =
  'write host:quorumPort:electionPort, then :participant or :observer if you wish, then ;clientPort or ;host:clientPort'

/** A member from `h:p:e[:role][|h:p:e[:role]…][;[host:]port]`, or what is wrong with it. IPv6 stands in brackets. */
export function parseServer(id: number, text: string, { multiAddress }: { multiAddress: boolean }): Member | string {
  const [servers = '', client, ...more] = text.split(';')
  if (more.length > 0) return `more than one \`;\`; ${form}`
  const parsed = servers.split('|').map(parseServerAddress)
  const addresses: ServerAddress[] = []
  const roles = new Set<string>()
  for (const address of parsed) {
    if (typeof address === 'string') return address
    const { role, ...where } = address
    if (role !== undefined) roles.add(role)
    addresses.push(where)
  }
  if (addresses.length > 1 && !multiAddress) {
    return 'several addresses; set multiAddress.enabled=true, or leave one'
  }
  if (roles.size > 1) return 'its addresses have different roles; give all of them one role'
  const clientAddress = client === undefined ? undefined : parseClientAddress(client)
  if (typeof clientAddress === 'string') return clientAddress
  const role = roles.has('observer') ? 'observer' : 'participant'
  return { id, addresses, role, ...(clientAddress && { clientAddress }) }
}

function parseServerAddress(text: string): (ServerAddress & { role?: 'participant' | 'observer' }) | string {
  const [host, quorum, election, role, ...more] = hostAndRest(text.trim())
  if (host === undefined || host === '' || election === undefined || more.length > 0) {
    return `not an address of a server; ${form}`
  }
  const [quorumPort, electionPort] = [portNumber(quorum), portNumber(election)]
  if (quorumPort === undefined || electionPort === undefined) return `a port is not a number from 0 to 65535; ${form}`
  if (quorumPort === electionPort) return 'quorum port and election port are the same; give them two'
  if (role === undefined) return { host, quorumPort, electionPort }
  const known = role.trim().toLowerCase()
  if (known !== 'participant' && known !== 'observer') return `unknown role \`${role}\`; write participant or observer`
  return { host, quorumPort, electionPort, role: known }
}

function parseClientAddress(text: string): ClientAddress | string {
  const parts = hostAndRest(text.trim())
  const port = portNumber(parts.at(-1))
  const host = parts.length === 2 ? parts[0] : '0.0.0.0'
  if (parts.length > 2 || port === undefined || host === undefined || host === '') {
    return `not a client address; ${form}`
  }
  return { host, port }
}

function hostAndRest(text: string): string[] {
  const bracketed = /^\[([^\]]*)\](?::([^]*))?$/.exec(text)
  if (bracketed === null) return text.split(':')
  const [, host = '', rest] = bracketed
  return rest === undefined ? [host] : [host, ...rest.split(':')]
}

function portNumber(text: string | undefined): number | undefined {
  const number = wholeNumber(text ?? '')
  return number !== undefined && number <= 65535 ? number : undefined
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : undefined
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined
}
