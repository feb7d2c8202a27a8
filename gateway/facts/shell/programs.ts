/**
 * What is known of programs, by base name. Sets of words and nothing more: a program that stands in none of them is
 * unknown, and unknown is never read-only.
 */
function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Only read, whatever words they get, apart from the options in `writingOptions`. */
export const readers = words(`
  ls dir vdir pwd echo printf cat tac head tail wc grep egrep fgrep rg ag cut tr uniq diff cmp comm file stat du df ps
  uname whoami id groups basename dirname realpath readlink which type nl column seq test [ true false sleep jq
  md5sum sha1sum sha224sum sha256sum sha384sum sha512sum cksum sum b2sum od strings tree find sort date cal uptime
  free nproc arch hostname locale getconf fold fmt expand unexpand paste join tsort factor expr cd pushd popd dirs
  : base32 base64 rev lsblk lscpu lsof pgrep git
`);

/** Options with which a reader does more than read. A word that begins with one of them counts. */
export const writingOptions: Readonly<Record<string, readonly string[]>> = {
  find: ['-exec', '-ok', '-delete', '-fprint', '-fls'],
  sort: ['-o', '--output', '--compress-program', '-T'],
  rg: ['--pre', '--hostname-bin', '-z', '--search-zip'],
  ag: ['--pager'],
  tree: ['-o', '--output', '-R'],
  date: ['-s', '--set'],
  hostname: ['-F', '--file', '-b'],
  file: ['-C', '--compile'],
  diff: ['--to-file', '--output'],
  base64: ['-o', '--output'],
  lsof: ['-D'],
  jq: ['-L', '-f', '--from-file', '--run-tests'],
  // A name such as `a[$(rm x)]` is evaluated, subscript and all.
  test: ['-v', '-R'],
  '[': ['-v', '-R'],
  printf: ['-v'],
  time: ['-o', '--output'],
};

/** Sub-commands of `git` that only read. */
export const gitReaders = words(`
  status log diff show rev-parse ls-files ls-tree blame describe shortlog rev-list cat-file name-rev merge-base
  count-objects whatchanged
`);

/** Options of `git` itself that take no word behind them and change nothing of what a sub-command does. */
export const gitPlainOptions = words(`
  -p -P --paginate --no-pager --no-optional-locks --no-replace-objects --no-lazy-fetch --no-advice
  --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs
`);

/** Options of `git` and its sub-commands that write a file or run a program. */
export const gitWritingOptions: readonly string[] = [
  '-c',
  // Another repository is another configuration, and that may name programs.
  '-C',
  '--git-dir',
  '--work-tree',
  '--output',
  '--ext-diff',
  '--textconv',
  '--filters',
  '--show-signature',
  '--exec-path',
  '--config-env',
  '--upload-pack',
  '-O',
  '--open-files-in-pager',
];

/** Shells: `-c TEXT` is another command; without a file they read commands from their input. */
export const shells = words('sh bash zsh dash ash ksh mksh fish rbash csh tcsh pwsh powershell cmd');

/** Run programs in languages of their own: with such an option the program stands in the text itself. */
export const interpreters = words(`
  python python2 python3 pypy node nodejs deno bun perl ruby php lua luajit Rscript R julia osascript tclsh expect awk
  gawk mawk nawk sed ed ex vi vim nvim emacs gdb lldb make cmake ninja npx bunx uvx pnpx tsx ts-node java javac go cargo
  dotnet mono ghc runghc erl elixir iex groovy kotlin scala swift psql mysql sqlite3 mongosh redis-cli bc dc m4
  eval source . docker podman kubectl nsenter lxc crontab at batch
`);

export const network = words(`
  curl wget aria2c httpie http https xh nc ncat netcat socat telnet ssh scp sftp rsync ftp tftp lftp rclone aws gcloud
  gsutil az s3cmd gh glab hub dig nslookup host whois ping ping6 traceroute mtr nmap masscan openssl sendmail mail mailx
  mutt swaks smbclient ldapsearch snmpwalk curlie wscat websocat grpcurl mosh autossh ngrok cloudflared tailscale
  chisel croc magic-wormhole wormhole transfer lynx links w3m elinks docker podman kubectl helm terraform ansible
  ansible-playbook heroku vercel netlify fly flyctl wrangler firebase supabase git-remote-http psql mysql mongosh
  redis-cli cadaver skopeo crane oras svn hg bzr cvs darcs youtube-dl yt-dlp
`);

/** Sub-commands that reach the network, by program. */
export const networkWords: Readonly<Record<string, ReadonlySet<string>>> = {
  git: words('push pull fetch clone ls-remote remote submodule request-pull send-email archive svn'),
  npm: words('install i ci add update publish view exec audit login whoami search info'),
  pnpm: words('install i add update publish dlx'),
  yarn: words('install add up upgrade publish dlx'),
  bun: words('install add update x'),
  pip: words('install download search index'),
  pip3: words('install download search index'),
  uv: words('pip add sync tool run'),
  poetry: words('add install update publish'),
  cargo: words('install fetch publish update search add'),
  go: words('get install mod'),
  gem: words('install fetch push update'),
  apt: words('install update upgrade source download'),
  'apt-get': words('install update upgrade source download'),
  apk: words('add update upgrade fetch'),
  yum: words('install update'),
  dnf: words('install update'),
  brew: words('install update upgrade fetch'),
  conda: words('install create update'),
  composer: words('install require update'),
};

/** Sub-commands that install software, by program. */
export const installWords: Readonly<Record<string, ReadonlySet<string>>> = {
  npm: words('install i ci add exec'),
  pnpm: words('install i add dlx'),
  yarn: words('install add dlx'),
  bun: words('install add x'),
  pip: words('install'),
  pip3: words('install'),
  uv: words('pip add sync tool'),
  poetry: words('add install'),
  cargo: words('install add'),
  go: words('install get'),
  gem: words('install'),
  apt: words('install'),
  'apt-get': words('install'),
  apk: words('add'),
  yum: words('install'),
  dnf: words('install'),
  brew: words('install'),
  conda: words('install create'),
  composer: words('install require'),
  dpkg: words('-i --install'),
  rpm: words('-i -U --install'),
  snap: words('install'),
};

export const installers = words('npx bunx uvx pnpx pipx easy_install');

export const escalators = words(
  'sudo su doas pkexec runuser chown chgrp chmod setfacl setcap passwd usermod useradd adduser visudo chattr mount umount',
);

export const deleters = words(
  'rm rmdir unlink shred srm wipefs mkfs fdisk parted dd truncate trash killall pkill kill',
);

/** Sub-commands and options that delete, by program. */
export const deleteWords: Readonly<Record<string, ReadonlySet<string>>> = {
  git: words('clean reset rm gc prune branch filter-branch filter-repo checkout restore stash'),
  find: words('-delete'),
  docker: words('rm rmi prune kill'),
  podman: words('rm rmi prune kill'),
  kubectl: words('delete drain'),
  rsync: words('--delete --delete-after --delete-before --remove-source-files'),
  terraform: words('destroy'),
  helm: words('uninstall delete'),
  aws: words('rm rb delete'),
  gh: words('delete'),
};

export const persisters = words(
  'crontab at batch systemctl launchctl update-rc.d chkconfig rc-update service insmod modprobe ssh-copy-id',
);

/** Programs whose last word, or every word, is a file that they write. */
export const lastWordWriters = words('cp mv install ln rsync scp');
export const everyWordWriters = words('tee touch mkdir truncate mktemp chmod chown sponge');
