import fs from "node:fs";
import path from "node:path";
import { linkedEntriesMax } from "./limits.ts";

/** Files outside of the workspace whose content is the same on every machine, or says only what machine it is. */
const harmless =
  /^\/(etc\/(os-release|lsb-release|debian_version|issue|shells|timezone|localtime|hostname|hosts|services|protocols|mime\.types)|proc\/(cpuinfo|meminfo|version|uptime|loadavg|stat|filesystems|mounts|partitions|swaps|sys\/kernel\/(ostype|osrelease|version|hostname))|usr\/include(\/.*)?|usr\/share\/(doc|man|dict|zoneinfo|licenses|common-licenses|mime)(\/.*)?|usr\/lib\/os-release|dev\/null)$/;

/** Directories that hold keys and sessions. */
const secretDirectories = new Set([
  ".ssh",
  ".aws",
  ".gnupg",
  ".kube",
  ".azure",
  ".gcloud",
  "gcloud",
  ".password-store",
  ".docker",
  ".mozilla",
  ".thunderbird",
  ".pki",
  ".vault",
  ".1password",
  ".oci",
  ".terraform.d",
  "keychains",
  "keyrings",
  ".netlify",
  ".heroku",
  ".config/gh",
  ".secrets",
]);
const secretFile =
  /^(\.env(\..*)?|.*\.env|\.envrc|.*\.(pem|key|p12|pfx|kdbx?|jks|keystore|ppk|asc|gpg|ovpn|tfstate|tfvars)|id_(rsa|dsa|ecdsa|ed25519|xmss)(_sk)?(\..*|-cert)?|\.netrc|_netrc|\.npmrc|\.pypirc|\.yarnrc(\.yml)?|\.git-credentials|\.pgpass|\.my\.cnf|\.htpasswd|\.?credentials?(\..*)?|secrets?(\.(json|ya?ml|toml|ini|txt|env|properties|xml|enc))?|.*_history|\.boto|\.s3cfg|\.vault-token|\.dockercfg|\.dockerconfigjson|shadow-?|gshadow-?|sudoers|master\.passwd|service[-_]?account.*\.json|client_secret.*\.json|auth\.json|token(s)?(\.(json|txt))?|authorized_keys|known_hosts|cookies(\.(sqlite|txt|json))?|wallet\.dat|\.kube-?config|kubeconfig|htpasswd)$/i;
const noSecret =
  /^(\.env\.(example|sample|template|dist|defaults?|test\.example)|(example|sample|template)\.env|.*\.pub|public.*\.(pem|key|asc))$/i;

/** Whether a path names what nobody should print into a conversation. */
export function isSecretPath(file: string): boolean {
  const components = file.split("/").filter((component) => component !== "" && component !== ".");
  // Remotes may carry a user and a token in their address.
  if (/(^|\/)\.git\/(config|credentials)$/i.test(components.join("/"))) return true;
  if (
    /(^|\/)\.config\/(gh|gcloud|op|hub)(\/|$)|(^|\/)\.cargo\/credentials|(^|\/)\.gem\/credentials|(^|\/)proc\/[^/]+\/(environ|mem|fd|maps|root|cwd|cmdline)|(^|\/)etc\/ssl\/private/i.test(
      file,
    )
  )
    return true;
  if (components.some((component) => secretDirectories.has(component.toLowerCase()))) return true;
  const name = components.at(-1) ?? "";
  return secretFile.test(name) && !noSecret.test(name);
}

/**
 * Where a path really leads, link by link, as the kernel goes it (`a/link/..` is not `a`). What does not exist is kept as written.
 * undefined: a link that leads nowhere, or cannot be followed.
 */
export function realPath(from: string, file: string): string | undefined {
  let current = file.startsWith("/") ? "/" : from;
  for (const component of file.split("/")) {
    if (component === "" || component === ".") continue;
    if (component === "..") {
      current = path.dirname(current);
      continue;
    }
    const next = path.join(current, component);
    try {
      current = fs.lstatSync(next).isSymbolicLink() ? fs.realpathSync(next) : next;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if ((code !== "ENOENT" && code !== "ENOTDIR") || isLink(next)) return undefined;
      current = next;
    }
  }
  return current;
}

function isLink(file: string): boolean {
  try {
    return fs.lstatSync(file).isSymbolicLink();
  } catch {
    return false;
  }
}

export function isInside(directory: string, file: string): boolean {
  return file === directory || file.startsWith(directory === "/" ? "/" : `${directory}/`);
}

/** What may be looked at from a workspace. Each answer is a reason to ask, or undefined. */
export class PathPolicy {
  /** Real path of the workspace. */
  readonly workspace: string;

  constructor(workspace: string) {
    this.workspace = fs.realpathSync(workspace);
  }

  /** Content of a file, or of all files under a directory. */
  read(cwd: string, file: string): string | undefined {
    if (file === "-" || file === "") return undefined;
    if (file === "/dev/null" || file === "/dev/stdin") return undefined;
    if (file.includes("\n")) return "a path holds a newline";
    if (isSecretPath(file)) return `${file} looks like a secret`;
    const real = realPath(cwd, file);
    if (real === undefined) return `${file} is a link that leads nowhere`;
    if (isInside(this.workspace, real)) return isSecretPath(real.slice(this.workspace.length)) ? `${file} looks like a secret` : undefined;
    if (harmless.test(real)) return undefined;
    return `${file} is outside of the workspace`;
  }

  /** Content of all files under a directory, links followed. */
  readThroughLinks(cwd: string, directory: string): string | undefined {
    let left = linkedEntriesMax;
    const walk = (at: string): string | undefined => {
      let entries: fs.Dirent[];
      try {
        entries = fs.readdirSync(at, { withFileTypes: true });
      } catch {
        return undefined;
      }
      left -= entries.length;
      if (left < 0) return `${directory} holds too many files to look for links`;
      for (const entry of entries) {
        const file = path.join(at, entry.name);
        const why = entry.isSymbolicLink() ? this.read(at, entry.name) : entry.isDirectory() ? walk(file) : undefined;
        if (why !== undefined) return why;
      }
      return undefined;
    };
    return this.read(cwd, directory) ?? walk(path.resolve(cwd, directory));
  }

  /** Names and sizes. */
  list(cwd: string, file: string): string | undefined {
    if (file === "" || file === "-") return undefined;
    const real = realPath(cwd, file);
    for (const name of [file, real ?? ""]) {
      const relative = isInside(this.workspace, name) ? name.slice(this.workspace.length) : name;
      if (relative.split("/").some((component) => secretDirectories.has(component.toLowerCase()))) return `${file} is a place of secrets`;
      if (/^\/(dev\/(tcp|udp)|net)(\/|$)/.test(relative)) return `${file} is the network`;
      if (/^\/proc\/[^/]+\/(root|cwd|fd)/.test(relative)) return `${file} leads through another process`;
    }
    return undefined;
  }
}

/** A directory that can be entered. */
export function isDirectory(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isDirectory();
  } catch {
    return false;
  }
}
