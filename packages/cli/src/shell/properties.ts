/** Java's properties, from where zkCli.sh takes them: `-D` in CLIENT_JVMFLAGS and JVMFLAGS, and a file, which counts more. */
import { readFileSync } from 'node:fs'
import { ShellError } from './errors.ts'

export type Properties = ReadonlyMap<string, string>

/** @throws ShellError that names a file that cannot be read */
export function readProperties(file: string | undefined, environment: NodeJS.ProcessEnv): Properties {
  return new Map([...flagsIn(environment), ...(file === undefined ? [] : propertiesOf(file))])
}

/** The `-Dkey=value` of the variables that Apache's scripts know. */
function flagsIn(environment: NodeJS.ProcessEnv): [string, string][] {
  const words = `${environment['CLIENT_JVMFLAGS'] ?? ''} ${environment['JVMFLAGS'] ?? ''}`.split(/\s+/)
  return words.flatMap((word) => pairOf(/^-D([^=]+)=(.*)$/.exec(word)))
}

function propertiesOf(file: string): [string, string][] {
  return readText(file)
    .split('\n')
    .flatMap((line) => pairOf(/^\s*([^#!\s=:][^=:\s]*)\s*[=:\s]\s*(.*?)\s*$/.exec(line)))
}

function pairOf(match: RegExpExecArray | null): [string, string][] {
  return match?.[1] === undefined ? [] : [[match[1], match[2] ?? '']]
}

/** @throws ShellError that names the file */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ShellError(`cannot read ${path}: ${(error as Error).message}`)
  }
}
