import { ERRORS } from '../../packages/protocol/src/errors.ts'
import { code, table } from './markdown.ts'

export const file = 'docs/reference/errors.md'

const introduction = `# Error codes

<!-- Generated from packages/protocol/src/errors.ts by tools/generate/errors.ts: change it there. -->

The codes in the header of a reply, as Apache ZooKeeper 3.9 has them. Clients name them in their own style: \`NONODE\` is
\`NoNodeException\` in Java and \`NoNodeError\` in kazoo.
`

export function make(): string {
  const rows = ERRORS.map(({ code: number, name, meaning }) => [String(number), code(name), meaning])
  return `${introduction}\n${table(['Code', 'Name', 'Meaning'], rows)}\n`
}
