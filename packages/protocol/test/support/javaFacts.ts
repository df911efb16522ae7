import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { javaClassPath, quickJvm } from '../../../../test/support/apache.ts'

const JAVA = 'java'

/** Asks Java and Apache ZooKeeper's classes (JavaFacts.java) a question a line; answers come in the same order. */
export function askJava(questions: readonly string[]): string[] {
  const { stdout, stderr, status } = spawnSync(
    JAVA,
    [...quickJvm, '-cp', javaClassPath('apache-3.9.4'), join(import.meta.dirname, 'JavaFacts.java')],
    { input: questions.map((line) => `${line}\n`).join(''), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  if (status !== 0) throw new Error(`JavaFacts ended with ${status}: ${stderr}`)
  const answers = stdout.split('\n').slice(0, -1)
  if (answers.length !== questions.length) throw new Error(`${answers.length} answers to ${questions.length} questions`)
  return answers
}

/** A string as hexadecimal UTF-16 units, which is how JavaFacts takes and gives strings. */
export function units(text: string): string {
  return Buffer.from(text, 'utf16le').swap16().toString('hex')
}
