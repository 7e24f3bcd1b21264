export { type ClipOptions, generateClip } from './generate-clip.ts';
export { generateScene, type Scene, type SceneOptions } from './generate-scene.ts';
export { SCENE_KINDS, type SceneKind } from './scene-plan.ts';
export { LABELS, type Label, type SceneTruth, type TrueObject } from './scene-truth.ts';
export { kindOf, nameOf, type WriteScenesOptions, writeScenes } from './write-scenes.ts';
