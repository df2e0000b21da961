/** Run by electron-builder between copying the files and signing them: sets the fuses, reads them back, refuses an old Electron. */
import path from 'node:path';
import { setFuses, wrongFuses } from './fuses.ts';
import { isSupported } from './supported-electron.ts';

/** The part of electron-builder's context that is used. */
interface PackContext {
  readonly appOutDir: string;
  readonly electronPlatformName: string;
  readonly packager: {
    readonly appInfo: { readonly productFilename: string };
    readonly executableName?: string;
    readonly info: { readonly framework: { readonly version: string } };
  };
}

export async function afterPack({ appOutDir, electronPlatformName, packager }: PackContext): Promise<void> {
  const { version } = packager.info.framework;
  const today = new Date().toISOString().slice(0, 10);
  if (!isSupported(version, today))
    throw new Error(
      `Electron ${version} is not among the supported versions of ${today}: update it, or the table in supported-electron.ts`,
    );
  const { productFilename } = packager.appInfo;
  const name =
    electronPlatformName === 'win32'
      ? `${productFilename}.exe`
      : electronPlatformName === 'darwin' || electronPlatformName === 'mas'
        ? `${productFilename}.app`
        : (packager.executableName ?? productFilename);
  const electron = path.join(appOutDir, name);
  await setFuses(electron);
  const wrong = await wrongFuses(electron);
  if (wrong.length > 0) throw new Error(`fuses of ${electron} are not as they were set: ${wrong.join('; ')}`);
}
