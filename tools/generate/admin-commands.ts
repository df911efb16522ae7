import { COMMANDS } from '../../packages/server/src/admin/commands.ts'
import type { Command } from '../../packages/server/src/admin/commands/command.ts'
import { code, table } from './markdown.ts'

export const file = 'docs/reference/admin-commands.md'

const introduction = `# Commands of the admin server

<!-- Generated from packages/server/src/admin/commands by tools/generate/admin-commands.ts: change it there. -->

\`http://<admin.serverAddress>:<admin.serverPort><admin.commandURL>/<command>\`, so \`http://localhost:8080/commands/ruok\`
unless set otherwise, answers JSON of the form of Apache ZooKeeper 3.9: the fields of the command, then \`command\` and
\`error\`, which is null or a sentence. \`http://localhost:8080/commands\` links to every command.

An unknown command and a server that does not serve are answers with status 200 and an \`error\`. A command that is asked with
the wrong method has status 405.

Protected commands want a header \`Authorization\` with a scheme and credentials, such as \`digest user:password\`, that have
every permission on the root znode: without the header, or with credentials that are wrong, the status is 401; without the
permission 403. \`snapshot\` and \`restore\` have status 503 where they are switched off, 500 where they fail or where
\`serializeLastProcessedZxid.enabled\` is false, and 429 where one of them was run a moment ago:
\`admin.rateLimiterIntervalInMS\` is the time between two restores, and, as in Apache's server, a thousandth of it that
between two snapshots.

Of the port: \`admin.forceHttps\` takes HTTPS alone, \`admin.portUnification\` both, \`admin.needClientAuth\` wants a certificate of
the client over HTTPS. A connection that is silent for \`admin.idleTimeout\` is closed; at most 128 are open at once.
`

const protection = { no: '', always: 'yes', 'to post': 'POST alone' } as const

export function make(): string {
  const rows = Object.entries<Command>(COMMANDS).map(([name, command]) => [
    code(name),
    command.aliases.map(code).join(', '),
    [command.get && 'GET', command.post && 'POST'].filter(Boolean).join(', '),
    protection[command.protected],
    command.needsServing ? 'no' : 'yes',
    command.own === true ? `${command.help} Meerkat's own.` : command.help,
  ])
  const head = ['Command', 'Aliases', 'Methods', 'Protected', 'While not serving', 'Answer']
  return `${introduction}\n${table(head, rows)}\n`
}
