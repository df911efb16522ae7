import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { javaClassPath, quickJvm } from '../support/apache.ts'
import { compileOnce } from './compile.ts'
import type { ClientProgram } from './transcript.ts'

const sources = join(import.meta.dirname, 'java')
const compileClassPath = [javaClassPath('apache-3.9.4'), javaClassPath('curator')].join(delimiter)

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
      [classes, javaClassPath(peer)].join(delimiter),
      main,
      ...programArguments,
    ],
  })
}

async function compiled(): Promise<string> {
  const names = (await readdir(sources)).filter((name) => name.endsWith('.java')).toSorted()
  const files = names.map((name) => join(sources, name))
  return compileOnce('classes', files, async (target) => {
    await mkdir(target)
    await promisify(execFile)('javac', [
      '-nowarn',
      '-encoding',
      'UTF-8',
      '-d',
      target,
      '-cp',
      compileClassPath,
      ...files,
    ])
  })
}
