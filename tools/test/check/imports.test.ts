import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findWrongImports } from '../../check/imports.ts'

const ALLOWED: [path: string, text: string][] = [
  ['packages/engine/src/a.ts', `import { Zxid } from '@meerkat/protocol'`],
  ['packages/engine/src/tree/a.ts', `import type { B } from '../b.ts'`],
  ['packages/io/src/a.ts', `import { open } from 'node:fs/promises'`],
  ['packages/server/src/a.ts', `import pino from 'pino'`],
  ['packages/engine/test/a.test.ts', `import { test } from 'node:test'\nimport fc from 'fast-check'`],
  ['packages/engine/test/a.test.ts', `import { a } from '../src/a.ts'`],
  ['packages/client/test/a.test.ts', `import { requirePeer } from '../../../test/support/peers.ts'`],
  ['packages/engine/src/a.ts', `// A clock is never imported from 'node:timers'.`],
]

const REFUSED: [path: string, text: string, fault: RegExp][] = [
  [
    'packages/protocol/src/a.ts',
    `import { step } from '@meerkat/engine'`,
    /:1: .*protocol may import no other package/,
  ],
  ['packages/engine/src/a.ts', `import { open } from '@meerkat/io'`, /engine may import only protocol/],
  ['packages/io/src/a.ts', `\nimport { step } from '@meerkat/engine'`, /:2: .*io may import only protocol/],
  ['packages/client/src/a.ts', `export * from '@meerkat/server'`, /client may import only protocol/],
  [
    'packages/server/src/a.ts',
    `const a = await import('@meerkat/simulator')`,
    /server may import only engine, io, protocol/,
  ],
  ['packages/cli/src/a.ts', `import '@meerkat/simulator'`, /cli may import only/],
  ['packages/server/src/a.ts', `import { a } from '@meerkat/io/src/a.ts'`, /its public face/],
  ['packages/engine/src/a.ts', `import {\n  readFileSync,\n} from 'node:fs'`, /:3: .*neither Node.js nor npm packages/],
  ['packages/protocol/src/a.ts', `import { z } from 'zod'`, /neither Node.js nor npm packages/],
  ['packages/io/src/a.ts', `import { z } from 'zod'`, /no npm packages/],
  ['packages/client/src/a.ts', `import { connect } from 'net'`, /no npm packages/],
  ['packages/server/src/a.ts', `import { a } from '../../engine/src/a.ts'`, /sources import other packages by name/],
  ['packages/server/src/a.ts', `import { a } from '../test/a.ts'`, /sources import other packages by name/],
  ['packages/server/test/a.test.ts', `import { a } from '../../io/src/a.ts'`, /tests import their own package/],
  ['packages/common/src/a.ts', `import { a } from './b.ts'`, /no rule for the package common/],
]

test('Imports along the arrows of the architecture pass.', () => {
  for (const [path, text] of ALLOWED) assert.deepEqual(findWrongImports([{ path, text }]), [], `${path}: ${text}`)
})

test('Imports against the arrows are named with file, line and rule.', () => {
  for (const [path, text, fault] of REFUSED) {
    const faults = findWrongImports([{ path, text }])
    assert.equal(faults.length, 1, `${path}: ${text}`)
    assert.match(faults.join(), fault)
    assert.ok(faults.join().startsWith(`${path}:`))
  }
})
