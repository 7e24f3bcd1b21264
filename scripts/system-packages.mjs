// What tests use of the system, by the Debian packages that bring it. Tests that miss something say so and are skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const SYSTEM_PACKAGES = [
  { needs: ['mosquitto_pub', 'mosquitto_sub', 'mosquitto_rr'], packages: ['mosquitto-clients'] },
  // Debian's docker.io only recommends iptables, without which no bridge network comes up.
  { needs: ['dockerd', 'iptables'], packages: ['docker.io', 'iptables'] },
  { needs: ['docker-registry'], packages: ['docker-registry'] },
  { needs: ['openssl'], packages: ['openssl'] },
  // WebGPU in software: a Vulkan loader, and the driver that Chromium carries.
  { needs: ['/usr/lib/chromium/vk_swiftshader_icd.json'], packages: ['chromium', 'libvulkan1'] },
];

/** Installs what is missing where it may, and says what to install where it may not. Never fails: tests can be skipped. */
export function installSystemPackages(say) {
  const packages = SYSTEM_PACKAGES.filter(({ needs }) => !needs.every(isThere)).flatMap((each) => each.packages);
  if (packages.length === 0) {
    return;
  }
  const isDebian = process.platform === 'linux' && isThere('apt-get');
  if (!isDebian || process.getuid() !== 0) {
    const remedy = isDebian ? `sudo apt-get install ${packages.join(' ')}` : `what Debian calls ${packages.join(', ')}`;
    say(`some tests will be skipped; for all of them install: ${remedy}`);
    return;
  }
  say(`installing Debian packages that tests use: ${packages.join(' ')} (some minutes, once)`);
  const options = ['-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '--yes', ...packages]]) {
    const { status, stderr } = spawnSync('apt-get', [...options, ...args], { env, encoding: 'utf8' });
    if (status !== 0) {
      say(`apt-get ${args[0]} failed, tests that need what is missing will be skipped: ${stderr?.trim()}`);
      return;
    }
  }
}

/** A command on the PATH, also where only root has it there, or a file. */
function isThere(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return isAbsolute(name) ? existsSync(name) : folders.some((folder) => existsSync(join(folder, name)));
}
