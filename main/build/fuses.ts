/** Switches inside Electron's binary that no command line or environment variable can set back. */
import { type FuseConfig, FuseState, FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses';

/** What each fuse is set to in a package, by its name. A fuse of a later Electron that is missing here stops the packaging. */
export const FUSES = {
  /** Our binary is no Node: ELECTRON_RUN_AS_NODE would run any script with our identity, and with our key store's trust. */
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  GrantFileProtocolExtraPrivileges: false,
  /** As Electron ships it: bounds checks of WebAssembly by signal handler. */
  WasmTrapHandlers: true,
} as const satisfies Readonly<Record<keyof typeof FuseV1Options, boolean>>;

const NAMES = Object.keys(FUSES) as readonly (keyof typeof FUSES)[];

/** Sets all fuses of a binary (on macOS: of the bundle whose path ends in `.app`). Throws when the binary has one more. */
export async function setFuses(electron: string): Promise<void> {
  const wire = Object.fromEntries(NAMES.map((name) => [FuseV1Options[name], FUSES[name]]));
  const config = { version: FuseVersion.V1, strictlyRequireAllFuses: true, resetAdHocDarwinSignature: true, ...wire } as FuseConfig;
  await flipFuses(electron, config);
}

/** Fuses of a binary that are not set as they should be, in words; empty when all are. */
export async function wrongFuses(electron: string): Promise<readonly string[]> {
  const { version: _, ...states } = await getCurrentFuseWire(electron);
  const wire = new Map(Object.entries(states).map(([place, state]) => [Number(place), Number(state)]));
  const strangers = [...wire.keys()].filter((place) => FuseV1Options[place] === undefined).map((place) => `fuse ${place} is not known`);
  const wrong = NAMES.filter((name) => wire.get(FuseV1Options[name]) !== (FUSES[name] ? FuseState.ENABLE : FuseState.DISABLE)).map(
    (name) => `${name} is not ${FUSES[name] ? 'on' : 'off'}`,
  );
  return [...wrong, ...strangers];
}
