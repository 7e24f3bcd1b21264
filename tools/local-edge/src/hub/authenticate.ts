import type { Identity } from '../mqtt/edge-message.ts';
import { clientIdOf } from '../mqtt/edge-message.ts';
import { parseUsername } from '../mqtt/username.ts';
import type { IdentityStore } from '../store/identity-store.ts';
import { tokenProblem } from '../workload/sas-token.ts';

export interface AuthenticationOptions {
  readonly identities: IdentityStore;
  readonly deviceId: string;
  /** The names that a token may be made out to. */
  readonly hostNames: readonly string[];
  /** Takes any password, and any module of this device. */
  readonly acceptAny: boolean;
  readonly clock: () => number;
}

export type Authentication = Identity | { readonly refuse: 5; readonly reason: string };

/** Checks a log-in: user name, client id and token must all name the same module of this device. */
export function authenticate(
  login: { clientId: string; username: string | undefined; password: string | undefined },
  options: AuthenticationOptions,
): Authentication {
  const refuse = (reason: string): Authentication => ({ refuse: 5, reason });
  const username = parseUsername(login.username ?? '');
  if (username === undefined) return refuse('the user name has no valid form');
  const { deviceId } = username;
  const moduleId = username.moduleId === '' ? undefined : username.moduleId;
  const identity: Identity = { deviceId, moduleId };
  if (login.clientId !== clientIdOf(identity)) return refuse('client id and user name differ');
  if (moduleId !== undefined && deviceId !== options.deviceId) return refuse('the module is on another device');
  const problem = identityProblem(identity, login.password, options);
  return problem === undefined ? identity : refuse(problem);
}

/** Why a token does not prove an identity; `undefined` when it does, or when any is taken. */
export function identityProblem(
  identity: Identity,
  token: string | undefined,
  options: AuthenticationOptions,
): string | undefined {
  if (options.acceptAny) return undefined;
  if (token === undefined) return 'no token';
  return tokenProblem(
    token,
    { hostNames: options.hostNames, ...identity },
    {
      own: options.identities.find(clientIdOf(identity))?.key,
      device: options.identities.find(identity.deviceId)?.key,
    },
    options.clock() / 1000,
  );
}
