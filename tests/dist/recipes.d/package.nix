# SPDX-License-Identifier: ISC
#
# Stands in for nixpkgs: what our package asks of it, on Linux or not.
{ recipe, isLinux }:

let
  lib = {
    licenses.isc = "ISC";
    optionals = condition: list: if condition then list else [ ];
    platforms.unix = [ "unix" ];
  };
  stdenv = {
    hostPlatform = { inherit isLinux; };
    mkDerivation =
      attributes:
      let
        final = attributes final;
      in
      final;
  };
in
import recipe {
  inherit lib stdenv;
  fetchurl = source: source;
  jansson = "jansson";
  libfyaml = "libfyaml";
  libseccomp = "libseccomp";
  perl = "perl";
  uthash = "uthash";
}
