"""Generated messages and stubs of hotline.v1; run `make proto` after editing a .proto file."""
