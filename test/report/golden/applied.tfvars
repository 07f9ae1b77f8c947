# Images of the stack golden that are in place, as cvmimg apply left them.
# No id of debian-12-base in ap-singapore: update failed.
# No id of foreign in ap-singapore: not managed.
# No id of ubuntu-22.04-base in eu-frankfurt: import failed.
# No id of web in ap-singapore: replace stale.
# No id of web in eu-frankfurt: refused.
# No id of windows-2022-byol in ap-singapore: import running.
# 2 placements not considered.
cvmimg_images = {
  "alma-9" = {
    "ap-singapore" = "img-a1a00001"
  }
  "debian-12-base" = {
    "eu-frankfurt" = "img-deb00002"
  }
  "rocky-9-base" = {
    "ap-singapore" = "img-70c4a001"
    "eu-frankfurt" = "img-70c4a002"
  }
  "ubuntu-22.04-base" = {
    "ap-singapore" = "img-8toqc6s3"
  }
}
