/** What `cvmimg emulator --help` says below its options. */
export const FAULTS: string = `
Faults:
  --fault 'ImportImage:1:lost-after'              the first import is accepted, its reply never comes
  --fault 'ImportImage:3:error=InternalError'     the third import is refused
  --fault 'DescribeImages:*:delay=5s'             each listing comes 5 s late
  --fault '*:20%:throttle'                        a fifth of all calls exceeds a limit
  --fault 'import:*golden*:fail=VirtioNotInstall' imports of these names end as IMPORTFAILED
  --fault 'objects:web.qcow2:error=AccessDenied'  COS refuses the object
  --fault 'server:5s-20s:refuse'                  connections are refused for 15 s
All of them: src/emulator/README.md`
