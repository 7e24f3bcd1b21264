import { z } from 'zod';
import { defineMethod, type MethodHandler } from './running-module.ts';

/** Built-in `ping`: answers the instance, so that the caller sees which life of the module it talks to. */
export function pingMethod(identity: { readonly module: string; readonly instance: string }): MethodHandler {
  return defineMethod({ payload: z.unknown(), call: async () => identity });
}

/** Built-in `status`. */
export function statusMethod(status: () => Readonly<Record<string, unknown>>): MethodHandler {
  return defineMethod({ payload: z.unknown(), call: async () => status() });
}
