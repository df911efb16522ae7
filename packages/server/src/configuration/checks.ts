import type { KeyName, Values } from './keys.ts'
import type { Member, Membership } from './membership.ts'
import { metricsProviderClasses, metricsProviderOf } from './metrics-provider.ts'
import type { Notice } from './problems.ts'
import { availableSchemes, enforcedSchemes, schemeOfClass } from './schemes.ts'
import type { Setting } from './settings.ts'

export interface Checked {
  readonly values: Values
  readonly membership: Membership
  /** The settings `authProvider.N`. */
  readonly providers: readonly Setting[]
}

/** Tells of something at the key's place, or at the file as a whole where the key is not set. */
export interface Reporter {
  problem(key: string, text: string): void
  notice(level: Notice['level'], key: string, text: string): void
}

/** What is asked of several keys together. Each key alone is already well-formed. */
export function check(checked: Checked, report: Reporter): void {
  checkStandalone(checked, report)
  checkPlaces(checked, report)
  checkSessions(checked.values, report)
  checkAuthentication(checked, report)
  checkTls(checked.values, report)
  checkAdmin(checked.values, report)
}

/** One server runs alone: without members, or as the only one where `standaloneEnabled` allows it. */
function checkStandalone({ values, membership }: Checked, report: Reporter): void {
  const participants = membership.members.filter(({ role }) => role === 'participant')
  const last = membership.members.at(-1)
  if (last === undefined) {
    if (!values.standaloneEnabled)
      report.problem('standaloneEnabled', 'there is no server.N line; add one for each server or set it to true')
    return
  }
  const key = `server.${last.id}`
  if (membership.members.length > 1) {
    report.problem(
      key,
      `${membership.members.length} servers make an ensemble, which this version cannot run; leave one server.N line or none for a server that runs alone`,
    )
  } else if (participants.length === 0) {
    report.problem(key, 'an observer alone has nobody to follow; make it a participant')
  } else if (!values.standaloneEnabled) {
    report.problem(
      'standaloneEnabled',
      'an ensemble of one server is an ensemble, which this version cannot run; set it to true or take the line out',
    )
  } else {
    report.notice('info', key, 'the only server of the list runs alone, as if the line were not there')
  }
}

function checkPlaces({ values, membership }: Checked, report: Reporter): void {
  if (values.dataDir === undefined)
    report.problem('dataDir', 'not set; add a line dataDir= with the directory for the data')
  const fromList = membership.members.length === 1 ? membership.members[0]?.clientAddress : undefined
  if (values.clientPortAddress !== undefined && values.clientPort === undefined) {
    report.problem('clientPortAddress', 'set without clientPort; set clientPort too')
  }
  if (values.secureClientPortAddress !== undefined && values.secureClientPort === undefined) {
    report.problem('secureClientPortAddress', 'set without secureClientPort; set secureClientPort too')
  }
  if (values.clientPort === undefined && values.secureClientPort === undefined && fromList === undefined) {
    report.problem('clientPort', 'no port for clients; set clientPort or secureClientPort')
  }
  if (fromList !== undefined) checkClientAddress(values, fromList, report)
}

function checkClientAddress(
  values: Values,
  { host, port }: NonNullable<Member['clientAddress']>,
  report: Reporter,
): void {
  const otherPort = values.clientPort !== undefined && values.clientPort !== port
  const otherHost =
    values.clientPortAddress !== undefined && !isWildcard(values.clientPortAddress) && values.clientPortAddress !== host
  if (otherPort || otherHost) {
    report.problem(
      otherPort ? 'clientPort' : 'clientPortAddress',
      `the server.N line says ${host}:${port} for clients; make both the same or take one out`,
    )
  }
}

/** Whether an address stands for every address of the machine. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

function checkSessions(values: Values, report: Reporter): void {
  const { tickTime, minSessionTimeout, maxSessionTimeout } = values
  const min = minSessionTimeout === -1 ? 2 * tickTime : minSessionTimeout
  const max = maxSessionTimeout === -1 ? 20 * tickTime : maxSessionTimeout
  if (min > max) {
    const key: KeyName = minSessionTimeout === -1 ? 'maxSessionTimeout' : 'minSessionTimeout'
    report.problem(
      key,
      `the shortest session timeout, ${min} ms, is above the longest, ${max} ms; make minSessionTimeout the smaller one`,
    )
  }
}

function checkAuthentication({ values, providers }: Checked, report: Reporter): void {
  for (const { name, suffix, value } of providers) {
    if (schemeOfClass(value) === undefined) {
      report.notice(
        'warning',
        name + suffix,
        'has no effect, Java classes cannot be loaded here; the providers of Apache’s own server are known by their names',
      )
    }
  }
  const enforcing: KeyName = values.sessionRequireClientSASLAuth
    ? 'sessionRequireClientSASLAuth'
    : 'enforce.auth.schemes'
  const available = availableSchemes(values, providers)
  const enforced = enforcedSchemes(values)
  if (values['enforce.auth.enabled'] && enforced.length === 0) {
    report.problem('enforce.auth.schemes', 'empty while enforce.auth.enabled is true; name one scheme at least')
  }
  for (const scheme of enforced.filter((name) => !available.includes(name))) {
    report.problem(
      enforcing,
      `the scheme ${scheme} is not available; turn it on with authProvider.N, or name one of ${available.join(', ')}`,
    )
  }
  const server = values['quorum.auth.serverRequireSasl']
  const learner = values['quorum.auth.learnerRequireSasl']
  for (const [key, isSet] of [
    ['quorum.auth.serverRequireSasl', server],
    ['quorum.auth.learnerRequireSasl', learner],
  ] as const) {
    if (isSet && !values['quorum.auth.enableSasl'])
      report.problem(key, 'needs quorum.auth.enableSasl=true; set that too')
  }
  if (server && !learner)
    report.problem('quorum.auth.serverRequireSasl', 'needs quorum.auth.learnerRequireSasl=true; set that too')
}

function checkTls(values: Values, report: Reporter): void {
  if (values.secureClientPort === undefined) return
  if (values['ssl.keyStore.location'] === undefined) {
    report.problem('secureClientPort', 'TLS needs a key and a certificate; set ssl.keyStore.location')
  }
  if (values['ssl.authProvider'] !== 'x509') {
    report.problem('ssl.authProvider', 'no such provider of client certificates here; take the line out for x509')
  }
}

function checkAdmin(values: Values, report: Reporter): void {
  if (!values['admin.commandURL'].startsWith('/')) report.problem('admin.commandURL', 'not a path; begin it with /')
  for (const key of ['admin.forceHttps', 'admin.portUnification'] as const) {
    if (values['admin.enableServer'] && values[key] && values['ssl.quorum.keyStore.location'] === undefined) {
      report.problem(key, 'HTTPS needs a key and a certificate; set ssl.quorum.keyStore.location')
    }
  }
  if (metricsProviderOf(values['metricsProvider.className']) === undefined) {
    report.problem(
      'metricsProvider.className',
      `not a metrics provider known here; write ${metricsProviderClasses.join(' or ')}`,
    )
  }
}
