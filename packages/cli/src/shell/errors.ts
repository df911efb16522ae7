/** What the shell says when a command fails, in the words of Apache's zkCli (org.apache.zookeeper.cli). */
import { ZooKeeperError } from '@meerkat/client'
import { ErrorCode } from '@meerkat/protocol'

/** A command that cannot be run as it was written, or that failed. */
export class ShellError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The codes for which zkCli has a sentence of its own (CliWrapperException). */
const SENTENCES: Record<number, (path: string) => string> = {
  [ErrorCode.NONODE]: (path) => `Node does not exist: ${path}`,
  [ErrorCode.NOCHILDRENFOREPHEMERALS]: (path) => `Ephemerals cannot have children: ${path}`,
  [ErrorCode.NODEEXISTS]: (path) => `Node already exists: ${path}`,
  [ErrorCode.NOTEMPTY]: (path) => `Node not empty: ${path}`,
  [ErrorCode.NOTREADONLY]: (path) => `Not a read-only call: ${path}`,
  [ErrorCode.INVALIDACL]: (path) => `Acl is not valid : ${path}`,
  [ErrorCode.NOAUTH]: (path) => `Insufficient permission : ${path}`,
  [ErrorCode.BADARGUMENTS]: (path) => `Arguments are not valid : ${path}`,
  [ErrorCode.BADVERSION]: (path) => `version No is not valid : ${path}`,
  [ErrorCode.RECONFIGINPROGRESS]: () =>
    'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)',
  [ErrorCode.NEWCONFIGNOQUORUM]: () =>
    'No quorum of new config is connected and up-to-date with the leader of last commmitted config - ' +
    'try invoking reconfiguration after new servers are connected and synced',
  [ErrorCode.QUOTAEXCEEDED]: (path) => `Quota has exceeded : ${path}`,
}

/** The names of codes in zkCli's "KeeperErrorCode = ..." (KeeperException.getCodeMessage). */
const NAMES: Record<number, string> = {
  [ErrorCode.SYSTEMERROR]: 'SystemError',
  [ErrorCode.RUNTIMEINCONSISTENCY]: 'RuntimeInconsistency',
  [ErrorCode.DATAINCONSISTENCY]: 'DataInconsistency',
  [ErrorCode.CONNECTIONLOSS]: 'ConnectionLoss',
  [ErrorCode.MARSHALLINGERROR]: 'MarshallingError',
  [ErrorCode.UNIMPLEMENTED]: 'Unimplemented',
  [ErrorCode.NEWCONFIGNOQUORUM]: 'NewConfigNoQuorum',
  [ErrorCode.RECONFIGINPROGRESS]: 'ReconfigInProgress',
  [ErrorCode.OPERATIONTIMEOUT]: 'OperationTimeout',
  [ErrorCode.BADARGUMENTS]: 'BadArguments',
  [ErrorCode.APIERROR]: 'APIError',
  [ErrorCode.NONODE]: 'NoNode',
  [ErrorCode.NOAUTH]: 'NoAuth',
  [ErrorCode.BADVERSION]: 'BadVersion',
  [ErrorCode.NOCHILDRENFOREPHEMERALS]: 'NoChildrenForEphemerals',
  [ErrorCode.NODEEXISTS]: 'NodeExists',
  [ErrorCode.NOTEMPTY]: 'Directory not empty',
  [ErrorCode.INVALIDACL]: 'InvalidACL',
  [ErrorCode.AUTHFAILED]: 'AuthFailed',
  [ErrorCode.SESSIONEXPIRED]: 'Session expired',
  [ErrorCode.INVALIDCALLBACK]: 'Invalid callback',
  [ErrorCode.SESSIONMOVED]: 'Session moved',
  [ErrorCode.NOTREADONLY]: 'Not a read-only call',
  [ErrorCode.EPHEMERALONLOCALSESSION]: 'Ephemeral node on local session',
  [ErrorCode.NOWATCHER]: 'No such watcher',
  [ErrorCode.RECONFIGDISABLED]: 'Reconfig is disabled',
  [ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH]: 'Session closed because client failed to authenticate',
  [ErrorCode.QUOTAEXCEEDED]: 'Quota has exceeded',
  [ErrorCode.THROTTLEDOP]: 'Op throttled due to high load',
}

export function problemOf(error: unknown): ShellError {
  if (error instanceof ShellError) return error
  if (!(error instanceof ZooKeeperError)) throw error
  const sentence = SENTENCES[error.code]
  return new ShellError(sentence === undefined ? keeperErrorCode(error) : sentence(error.path ?? 'null'))
}

export function keeperErrorCode(error: ZooKeeperError): string {
  const name = NAMES[error.code] ?? `Unknown error ${error.code}`
  return `KeeperErrorCode = ${name}${error.path === undefined ? '' : ` for ${error.path}`}`
}
