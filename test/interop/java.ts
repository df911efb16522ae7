import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { javaClassPath, peersDirectory, quickJvm } from '../support/apache.ts'
import type { ClientProgram } from './transcript.ts'

const compileClassPath = [javaClassPath('apache-3.9.4'), javaClassPath('curator')].join(delimiter)
const sources = join(dirname(fileURLToPath(import.meta.url)), 'java')

/** The Java clients that programs run with; each brings its own class path. */
export type JavaPeer = 'apache-3.9.4' | 'curator'

/** A Java program of test/interop/java as a command, compiled on first use. */
export async function javaProgram(
  peer: JavaPeer,
  main: string,
): Promise<(...programArguments: string[]) => ClientProgram> {
  const classes = await compiled()
  return (...programArguments) => ({
    command: 'java',
    arguments: [
      ...quickJvm,
      '-Dzookeeper.log.level=OFF',
      '-Dfile.encoding=UTF-8',
      '-cp',
      `${classes}:${javaClassPath(peer)}`,
      main,
      ...programArguments,
    ],
  })
}

/**
 * The directory of the classes, named after the sources' hash: it is made elsewhere and moved into place, so test files
 * that run at the same time neither see half of it nor compile it again.
 */
async function compiled(): Promise<string> {
  const files = (await readdir(sources))
    .filter((name) => name.endsWith('.java'))
    .map((name) => join(sources, name))
    .toSorted()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update(await readFile(file))
  const target = join(peersDirectory, 'classes-' + hash.digest('hex').slice(0, 16))
  if (existsSync(target)) return target
  const scratch = await mkdtemp(join(peersDirectory, 'javac-'))
  try {
    await promisify(execFile)('javac', [
      '-nowarn',
      '-encoding',
      'UTF-8',
      '-d',
      scratch,
      '-cp',
      compileClassPath,
      ...files,
    ])
    await rename(scratch, target)
  } catch (error) {
    await rm(scratch, { recursive: true, force: true })
    if (!existsSync(target)) throw error
  }
  return target
}
