#!/usr/bin/env -S node --max-semi-space-size=8
// The flag bounds the young generation of the garbage collector, which otherwise grows to three times 16 MB under load and
// never shrinks: what a request leaves behind is gone long before it would fill that.
// The door to `meerkat`. An old Node.js must be able to read this file in order to say that it is too old, hence plain
// JavaScript with nothing newer than a top-level await.
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isFresh } from './bundle.js'

const NEEDED_MAJOR = 24

if (Number(process.versions.node.split('.')[0]) < NEEDED_MAJOR) {
  console.error(
    `meerkat needs Node.js ${NEEDED_MAJOR} or newer, and this is ${process.version} (${process.execPath}): ` +
      'start it by `npx meerkat` or `npm start`, which use the Node.js 24 that was installed along with it.',
  )
  process.exitCode = 1
} else {
  keepCompiledCode()
  if (process.env.npm_command !== undefined) endWithNpm()
  await import(command().href)
}

/** The bundle; in the workspace the sources, where one of them is newer. */
function command() {
  const source = new URL('../src/main.ts', import.meta.url)
  const bundle = new URL('../dist/main.js', import.meta.url)
  return existsSync(source) && !isFresh(fileURLToPath(new URL('.', bundle))) ? source : bundle
}

/**
 * Lets Node.js keep compiled code, and TypeScript with its types already stripped, for a faster next start. The folder
 * belongs to the user: code must never be loaded from a temporary folder that others can write.
 */
function keepCompiledCode() {
  if (process.env.NODE_COMPILE_CACHE === undefined) nodeModule.enableCompileCache(join(cacheFolder(), 'meerkat'))
  // A server often ends by a kill, which saves nothing; so the cache is saved once the start is over.
  setTimeout(() => nodeModule.flushCompileCache(), 3000).unref()
}

/**
 * `npx meerkat` is npm, a shell that npm starts, and this process. npm passes a signal on to the shell alone, and a
 * plain sh ends by it without telling anybody: its end is taken for the signal, since nothing else would stop a server.
 */
function endWithNpm() {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 200)
  timer.unref()
}

function cacheFolder() {
  if (process.platform === 'win32' && process.env.LOCALAPPDATA) return process.env.LOCALAPPDATA
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches')
  return process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
}
