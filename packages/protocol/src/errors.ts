/** Error codes of replies (org.apache.zookeeper.KeeperException.Code). One table; docs/reference/errors.md comes from it. */

const table = {
  OK: [0, 'No error.'],
  SYSTEMERROR: [-1, 'A fault of the server itself.'],
  RUNTIMEINCONSISTENCY: [-2, 'In the results of a failed multi: not tried, since an operation before it failed.'],
  DATAINCONSISTENCY: [-3, 'The data was found inconsistent.'],
  CONNECTIONLOSS: [-4, 'The connection to the server was lost; whether the operation was done is not known.'],
  MARSHALLINGERROR: [-5, 'The request could not be read, or failed in an unexpected way.'],
  UNIMPLEMENTED: [-6, 'The operation does not exist on this server, or is switched off.'],
  OPERATIONTIMEOUT: [-7, 'The operation took too long.'],
  BADARGUMENTS: [-8, 'A path, flag or other argument is not valid.'],
  UNKNOWNSESSION: [-12, 'The server knows no such session.'],
  NEWCONFIGNOQUORUM: [-13, 'No quorum of the new configuration is connected and up to date.'],
  RECONFIGINPROGRESS: [-14, 'Another reconfiguration is under way.'],
  APIERROR: [-100, 'Codes from here on are answers about the data, not faults.'],
  NONODE: [-101, 'The znode does not exist.'],
  NOAUTH: [-102, 'The ACL does not grant this.'],
  BADVERSION: [-103, 'The version given is not the version of the znode.'],
  NOCHILDRENFOREPHEMERALS: [-108, 'An ephemeral znode cannot have children.'],
  NODEEXISTS: [-110, 'The znode exists already.'],
  NOTEMPTY: [-111, 'The znode has children.'],
  SESSIONEXPIRED: [-112, 'The session has expired.'],
  INVALIDCALLBACK: [-113, 'A callback of the client is not valid.'],
  INVALIDACL: [-114, 'The ACL is empty or holds an entry that is not valid.'],
  AUTHFAILED: [-115, 'Authentication failed.'],
  SESSIONMOVED: [-118, 'The session is served by another server now.'],
  NOTREADONLY: [-119, 'A read-only server takes no writes.'],
  EPHEMERALONLOCALSESSION: [-120, 'A local session cannot own ephemeral znodes.'],
  NOWATCHER: [-121, 'There is no such watch.'],
  REQUESTTIMEOUT: [-122, 'The request timed out in the client.'],
  RECONFIGDISABLED: [-123, 'Reconfiguration is switched off.'],
  SESSIONCLOSEDREQUIRESASLAUTH: [-124, 'The server requires authentication before anything else.'],
  QUOTAEXCEEDED: [-125, 'A hard quota would be exceeded.'],
  THROTTLEDOP: [-127, 'The server is overloaded and dropped the request.'],
} as const satisfies Record<string, readonly [number, string]>

export type ErrorName = keyof typeof table
export type ErrorCode = (typeof table)[ErrorName][0]

export const ErrorCode = Object.fromEntries(Object.entries(table).map(([name, [code]]) => [name, code])) as {
  readonly [K in ErrorName]: (typeof table)[K][0]
}

export const ERRORS: readonly { code: ErrorCode; name: ErrorName; meaning: string }[] = Object.entries(table).map(
  ([name, [code, meaning]]) => ({ code, name: name as ErrorName, meaning }),
)

const names = new Map<number, ErrorName>(ERRORS.map(({ code, name }) => [code, name]))

/** The name of a code, or undefined for one that ZooKeeper does not have. */
export function errorName(code: number): ErrorName | undefined {
  return names.get(code)
}
