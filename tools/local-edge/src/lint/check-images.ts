import { isImagePlaceholder, moduleFileProblem } from '../manifest/build/module-images.ts';
import { isJsonObject } from '../twins/json-object.ts';
import type { Remark } from './finding.ts';
import type { LintContext } from './lint-context.ts';

/** Images of a template have to lead to a module's folder. Whether a registry has an image is not asked. */
export async function* checkImages({ modules, repoDir, environment }: LintContext): AsyncGenerator<Remark> {
  if (repoDir === undefined) return;
  for (const { name, path, value } of modules) {
    const settings = isJsonObject(value) && isJsonObject(value.settings) ? value.settings : {};
    const { image } = settings;
    if (typeof image !== 'string' || !image.includes('${')) continue;
    const problem = isImagePlaceholder(image)
      ? await moduleFileProblem(image, repoDir, environment)
      : /\$\{MODULE(?:S|DIR)/.test(image)
        ? 'is not of the form ${MODULES.folder[.platform][.debug]} or ${MODULEDIR<path>[.platform]}'
        : undefined;
    if (problem === undefined) continue;
    yield {
      code: 'image-unresolved',
      message: `the image of '${name}', ${image}, ${problem}`,
      remedy: 'Correct the folder or the platform, or write the image itself.',
      path: `${path}/settings/image`,
    };
  }
}
