import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { peersDirectory } from '../support/apache.ts'

const here = import.meta.dirname

/**
 * Runs a compiler once for these sources and answers the path of what it made, which is named after their hash. It is made
 * elsewhere and moved into place: runs at the same time neither see half of it nor make it again.
 */
export async function compileOnce(
  name: string,
  sources: readonly string[],
  compile: (target: string) => Promise<unknown>,
): Promise<string> {
  const hash = createHash('sha256')
  for (const source of sources) hash.update(source).update(await readFile(source))
  const target = join(peersDirectory, `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(target)) return target
  const scratch = await mkdtemp(join(peersDirectory, `${name}-`))
  try {
    const made = join(scratch, 'made')
    await compile(made)
    await rename(made, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  return target
}

/** The C program, linked with Apache's C client for threads. */
export function compileC(): Promise<string> {
  const source = join(here, 'c', 'client.c')
  return compileOnce('c-program', [source], (target) =>
    promisify(execFile)('cc', ['-std=gnu11', '-Wall', '-Wextra', '-Werror', '-o', target, source, '-lzookeeper_mt']),
  )
}

/** The Go program. Its module is the one that tools/peers.sh made, with the library in its own module cache. */
export function compileGo(): Promise<string> {
  const source = join(here, 'go', 'client.go')
  const peer = join(peersDirectory, 'go')
  return compileOnce('go-program', [source], async (target) => {
    const module = join(target, '..')
    for (const file of ['go.mod', 'go.sum']) await copyFile(join(peer, file), join(module, file))
    await copyFile(source, join(module, 'client.go'))
    await promisify(execFile)('go', ['build', '-o', target, '.'], {
      cwd: module,
      env: {
        ...process.env,
        GOMODCACHE: join(peer, 'modcache'),
        GOFLAGS: '-mod=mod',
        GOPROXY: 'off',
        CGO_ENABLED: '0',
      },
    })
  })
}
