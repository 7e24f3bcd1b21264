import packageJson from '../../package.json' with { type: 'json' };

/** What the runtime reports as its version. There is no build number: it runs from source. */
export const runtimeVersion = { version: packageJson.version, build: '', commit: '' };
