int cnn_codecs_placeholder;
