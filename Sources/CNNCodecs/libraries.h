// The libraries that decode and encode. Where one is missing, the build says what to install.
#ifndef CNN_LIBRARIES_H
#define CNN_LIBRARIES_H

#if !__has_include(<jpeglib.h>)
#error "libjpeg-turbo is missing. Run Scripts/install-dependencies.sh, or install libjpeg-dev (apt) or jpeg-turbo (Homebrew)."
#elif !__has_include(<png.h>)
#error "libpng is missing. Run Scripts/install-dependencies.sh, or install libpng-dev (apt) or libpng (Homebrew)."
#elif !__has_include(<webp/demux.h>)
#error "libwebp is missing. Run Scripts/install-dependencies.sh, or install libwebp-dev (apt) or webp (Homebrew)."
#elif !__has_include(<gif_lib.h>)
#error "giflib is missing. Run Scripts/install-dependencies.sh, or install libgif-dev (apt) or giflib (Homebrew, which also needs its folders in CPATH and LIBRARY_PATH)."
#endif

#endif
