/** What Node has of WebAssembly and is used here. TypeScript knows it only together with the whole of a browser. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }

  class Memory {
    constructor(descriptor: { readonly initial: number });
    /** Another one after each growth. */
    readonly buffer: ArrayBuffer;
    /** Pages of 64 KiB more. */
    grow(pages: number): number;
  }

  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: unknown;
  }
}
